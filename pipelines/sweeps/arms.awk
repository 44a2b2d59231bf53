# arms.awk - of the arms of all sweeps the network that each is, with the rate that the validation images choose
#
# The input is sweeps.tsv, and a table of trainings, net, seed, val_loss and val_error, where net is RUN/RATE.  An arm
# RUN is the network RUN/RATE with the least mean error, of equals that with the least mean loss, then rate; where says whether
# its rate is the lowest or the highest of those tried, inside, the only one, or given in sweeps.tsv.  The last column
# is the network with the rate that the report used.  Arms that are not trained at this scale are left out.
BEGIN { FS = OFS = "\t"; print "sweep", "name", "run", "net", "rate", "where", "tried", "reported" }
FNR == 1 { file++; split("", at); for (i = 1; i <= NF; i++) at[$i] = i; next }
file == 1 { arms++; sweep[arms] = $at["sweep"]; name[arms] = $at["name"]; arm[arms] = $at["run"]; next }
{
	net = $at["net"]
	trained[net]++
	# A training that has no end errs always.
	error[net] += $at["val_error"] == "nan" ? 1 : $at["val_error"]
	loss[net] += $at["val_loss"] == "nan" ? 1e30 : $at["val_loss"]
}
function run_of(net) {
	return match(net, /\/[^\/]*$/) ? substr(net, 1, RSTART - 1) : net
}
function rate_of(net) {
	return substr(net, match(net, /\/[^\/]*$/) + 1)
}
# Whether network a is better than b.
function better(a, b) {
	a_error = error[a] / trained[a]
	b_error = error[b] / trained[b]
	a_loss = loss[a] / trained[a]
	b_loss = loss[b] / trained[b]
	return a_error != b_error ? a_error < b_error : a_loss != b_loss ? a_loss < b_loss : rate_of(a) + 0 < rate_of(b) + 0
}
END {
	for (i = 1; i <= arms; i++) {
		best = ""
		same = "-"
		n = 0
		for (net in trained) {
			if (net == arm[i]) {
				best = net
				n = 0
				break
			}
			if (run_of(net) != arm[i])
				continue
			if (best == "" || better(net, best))
				best = net
			if (rate_of(net) == reported)
				same = net
			for (j = n++; j > 0 && rate[j] + 0 > rate_of(net) + 0; j--)
				rate[j + 1] = rate[j]
			rate[j + 1] = rate_of(net)
		}
		if (best == "")
			continue
		chosen = rate_of(best)
		where = !n ? "given" : n == 1 ? "only" : chosen == rate[1] ? "lowest" : chosen == rate[n] ? "highest" : "inside"
		tried = n ? rate[1] : chosen
		for (j = 2; j <= n; j++)
			tried = tried " " rate[j]
		print sweep[i], name[i], run_of(best), best, chosen, where, tried, same
	}
}
