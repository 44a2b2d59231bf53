# The page: $O/index.html, of the sections in pipelines/page/*.section in the order of their names.
# A story adds a section, and what it shows as prerequisites.

SECTIONS := $(wildcard pipelines/page/*.section)

$O/index.html: pipelines/page/page $(wildcard pipelines/page/*.css pipelines/page/*.tsv) $(SECTIONS)
	pipelines/page/page '$(or $(about_$(DATASET)),$(DATASET))' $O $(SECTIONS) >$@

figures: $O/index.html
