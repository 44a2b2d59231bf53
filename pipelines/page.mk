# The page: $O/index.html, of the sections in pipelines/page/*.section in the order of their names.
# A story adds a section, and what it shows as prerequisites.

SECTIONS := $(wildcard pipelines/page/*.section)

$O/index.html: pipelines/page/page $(wildcard pipelines/page/*.css pipelines/page/*.tsv) $(SECTIONS)
	pipelines/page/page '$(or $(about_$(DATASET)),$(DATASET))' $O $(SECTIONS) >$@

figures: $O/index.html

# The pictures of README.md, in few colours.
readme: $O/figures/random.png $O/figures/batchnorm.png
	mkdir -p man/readme
	for picture in $^; do \
		pngtopnm $$picture | pnmquant -quiet 32 | pnmtopng -quiet -compression 9 >man/readme/$${picture##*/}; \
	done

.PHONY: readme
