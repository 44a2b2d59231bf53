# methods.awk - of a table of seconds and one of tries: for each network and method, of the images that the network
# classifies correctly, how many become errors, and how many of these in 8 bits too; median and mean distances of those
# found, in gray levels, and of Szegedy's distortion; derivatives and seconds for an image.  The method any is the
# nearest image of all methods, for each norm.
BEGIN { FS = OFS = "\t" }
FNR == 1 {
	file++
	next
}
file == 1 {
	seconds[$1, $2] = $3
	next
}
{
	tried[$1, $2]++
	add($1, $2)
	known[$1, "any"]
}
$4 == $5 {
	right[$1, $2]++
	if (!(($1, $3) in seen)) {
		seen[$1, $3]
		right[$1, "any"]++
	}
}
$4 == $5 && $6 != $5 {
	keep($1, $2, $8, $9)
	gradients[$1, $2] += 0
	survive[$1, $2] += $7 != $4
	key = $1 SUBSEP $3
	if (!(key in near)) {
		order[++keys] = key
		near[key] = $8
		far[key] = $9
	}
	if ($8 < near[key])
		near[key] = $8
	if ($9 < far[key])
		far[key] = $9
}
{ gradients[$1, $2] += $10 }
function add(net, method) {
	if (!((net, method) in known)) {
		known[net, method]
		if (!(net in last)) {
			last[net]
			nets[++n] = net
		}
		methods[net] = methods[net] " " method
	}
}
function keep(net, method, linf, l2) {
	i = ++found[net, method]
	inf[net, method, i] = linf
	two[net, method, i] = l2
}
# The median and the mean of list[net, method, 1 ... count].
function middle(list, net, method, count,    i, j, t, v) {
	if (!count)
		return "nan" OFS "nan"
	mean = 0
	for (i = 1; i <= count; i++) {
		t = list[net, method, i]
		mean += t / count
		for (j = i - 1; j && v[j] > t; j--)
			v[j + 1] = v[j]
		v[j + 1] = t
	}
	return sprintf("%.6g", (v[int((count + 1) / 2)] + v[int(count / 2) + 1]) / 2) OFS sprintf("%.6g", mean)
}
END {
	for (k = 1; k <= keys; k++) {
		split(order[k], part, SUBSEP)
		keep(part[1], "any", near[order[k]], far[order[k]])
	}
	print "net", "method", "images", "found", "survive", "linf", "linf_mean", "l2", "l2_mean", "distortion", "gradients", "seconds"
	for (k = 1; k <= n; k++) {
		net = nets[k]
		count = split(methods[net] " any", name, " ")
		for (m = 1; m <= count; m++) {
			method = name[m]
			f = found[net, method]
			l2 = middle(two, net, method, f)
			split(l2, part, OFS)
			any = method == "any"
			print net, method, right[net, method] + 0, f + 0, any ? "nan" : survive[net, method] + 0, middle(inf, net, method, f), l2, \
				part[1] == "nan" ? "nan" : sprintf("%.5f", part[1] / 255 / sqrt(pixels)), \
				any ? "nan" : sprintf("%.6g", gradients[net, method] / tried[net, method]), \
				any ? "nan" : sprintf("%.6g", seconds[net, method] / tried[net, method])
		}
	}
}
