# Document 003, problem 1: its network, patches, is trained as the report says, and once more as well as
# batch norm, moved images, a schedule and an average of the weights do it.
patches.about   := a network with unpadded convolutions, trained as a report says, and better
patches.answers := 003.1
patches.data    := mnist digits all
patches.cost    := 70 s, 25 min

# S3-01.  The report gives the optimizer and its rate; the batch and the epochs in runs.tsv were chosen by the
# validation images of MNIST.

$E/tables/summary.tsv: $E/tables/runs.tsv
	tsv-interval -g net -p patches:patches-bn -k seed accuracy,val_loss,val_error,seconds,epoch_seconds $< >$@

# The runs in the order of their validation errors.
$E/tables/best.tsv: $E/tables/runs.tsv
	tsv-pick -H -w net=patches net,seed,val_error,val_loss $< | $(least-first) >$@
$E/tables/best-bn.tsv: $E/tables/runs.tsv
	tsv-pick -H -w net=patches-bn net,seed,val_error,val_loss $< | $(least-first) >$@
# The network of the experiments that follow: of those trained as the report says, the first.
$E/models/best.safetensors: $E/tables/best.tsv $(call models,safetensors,patches)
	cat $E/models/$(call line,2,$<).safetensors >$@

$E/figures/batchnorm.svg $E/figures/batchnorm.png: $(call models,log.tsv)

$E/section.html: $(patsubst %,$E/tables/%.tsv,runs summary best best-bn patches.layers patches.totals) \
	$E/figures/batchnorm.svg $E/figures/batchnorm.png
