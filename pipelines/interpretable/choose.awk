# choose.awk - the weight of the template losses that the validation images choose
#
#	awk -v points=0.1 -f choose.awk SUMMARY
#
# SUMMARY is by tsv-interval: the means of val_error and instability of each network, the ordinary one among them.
# Among the networks whose error is at most this many points above the ordinary one's, that with the least
# instability; if there is none, the one with the least error.
BEGIN { FS = OFS = "\t" }
NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
$at["quantity"] == "val_error" { error[$at["net"]] = $at["mean"] }
$at["quantity"] == "instability" { instability[$at["net"]] = $at["mean"] }
END {
	for (net in error) {
		if (net == "ordinary")
			continue
		if (least == "" || error[net] < error[least])
			least = net
		if (instability[net] != "nan" && 100 * (error[net] - error["ordinary"]) <= points && \
				(best == "" || instability[net] < instability[best]))
			best = net
	}
	print "net", "within"
	print (best != "" ? best : least), (best != "" ? "yes" : "no")
}
