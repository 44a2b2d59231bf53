# course.awk - of nn-train's log: how low its curves are
#
# Prints the mean of the training loss over the steps, and the mean of the validations after the first step, which
# are equally far apart: of two trainings of one length, the one whose loss falls faster has the smaller mean.
BEGIN { FS = OFS = "\t"; OFMT = "%.9g" }
NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
$at["step"] > 0 {
	sum += $at["loss"] * ($at["step"] - step)
	step = $at["step"]
	if ($at["val_loss"] != "nan") {
		validated += $at["val_loss"]
		n++
	}
}
END { print step ? sum / step : "nan", n ? validated / n : "nan" }
