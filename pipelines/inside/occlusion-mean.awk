# occlusion-mean.awk - the tables occlusion-PATCH.tsv in short, a line for each
BEGIN {
	FS = OFS = "\t"
	print "patch", "images", "places", "flips", "images_flipped", "lost_ink", "lost_background", "correlation"
}
FNR == 1 {
	report()
	patch = FILENAME
	gsub(/.*-|\.tsv$/, "", patch)
	images = places = flips = flipped = ink = inks = ground = grounds = r = rs = 0
	next
}
{
	images++
	places += $5
	flips += $6
	flipped += $6 > 0
	if ($13 != "nan") { ink += $13; inks++ }
	if ($14 != "nan") { ground += $14; grounds++ }
	if ($15 != "nan") { r += $15; rs++ }
}
END { report() }

function mean(sum, count) { return count ? sprintf("%.4f", sum / count) : "nan" }
function report() {
	if (patch)
		print patch, images, places, mean(flips, places), flipped, mean(ink, inks), mean(ground, grounds), mean(r, rs)
}
