load ../../tests/pipelines

setup_file() {
	small
}

@test "recurrent: all numbers are those of document 003, except its mistakes" {
	[ "$(wc -l <"$A/tables/numbers.tsv")" = 29 ]
	tsv-pick -w agrees=no part,quantity "$A/tables/numbers.tsv" |
		diff <(printf '%s\t%s\n' backpropagation 'da1(3)/db1' step b1 step b2) -
	grep -q '<b>25 of 28 printed numbers agree.</b>' "$A/section.html"
	# The page's own chain for da1(3)/db1 gives the program's number, and the step is along the gradient, except for
	# the error of differences of 1e-4, which goes with its square.
	grep -qx '1 + 0.004203151 (1 + 0.070650825) = 1.0045001.' "$A/section.html"
	grep -q 'is <b>1.0045001</b>' "$A/section.html"
	npy-calc '(a - b) / 0.01' <(npy-slice -k 3 "$A/arrays/toy.npy") <(npy-slice -k 3 "$A/arrays/stepped.npy") |
		npy-diff -a 1e-8 - <(npy-slice -k 3 "$A/arrays/backpropagation.npy")
}

@test "recurrent: outputs, losses and gradients are NumPy's" {
	numpy '
W, U, V, b, c = (np.array(a, float) for a in ([[1, -1], [0, 2]], [[-1, 0], [1, -2]], [[-2, 1], [-1, 0]], [-1, 1], [0.5, -0.5]))
def losses(b):
    h, out = np.zeros(2), []
    for x in [1, 0], [0.5, 0.25], [0, 1]:
        h = np.tanh(b + W @ h + U @ np.array(x))
        e = np.exp(c + V @ h)
        y = e / e.sum()
        out += [(y[0] - 0.5) ** 2 - np.log(y[1])]
    return np.array(out)
step = 1e-5
gradient = [(losses(b + d)[2] - losses(b - d)[2]) / (2 * step) for d in np.eye(2) * step]
put(np.concatenate([losses(b), gradient, losses(b - 0.01 * np.array(gradient))]))' >expected.npy
	# Central differences of 1e-5 are right to about 1e-10, those of 1e-4 in the step to 1e-8.
	{
		tsv-pick -w part=forward here "$A/tables/numbers.tsv" | tail -n 3
		tsv-pick -w part=backpropagation here "$A/tables/numbers.tsv" | head -n 2
		tsv-pick -w part=again here "$A/tables/numbers.tsv" | tail -n 3
	} | tsvtonpy -t f8 | npy-diff -a 1e-8 - expected.npy
	rm expected.npy
}

@test "recurrent: numbers agree to the last printed place, rounded or cut off" {
	{
		printf 'part\tquantity\treport\there\n'
		printf 'p\tq\t%s\t%s\n' 0.434009 0.4340099 0.43401 0.4340099 0.434009 0.4340101 0.434009 0.4340079 \
			-0.01329 -0.0132897 0.01329 -0.0132897 1 1.5 1 2 3.1234567890123456 3.12345678901232 3.1234567890123456 3.1234567890125
	} | awk -f pipelines/recurrent/agrees.awk | cut -f 3-5 >found
	{
		printf 'here\treport\tagrees\n'
		printf '%s\t%s\t%s\n' 0.4340099 0.434009 yes 0.4340099 0.43401 yes 0.4340101 0.434009 no 0.4340079 0.434009 no \
			-0.0132897 -0.01329 yes -0.0132897 0.01329 no 1.5 1 yes 2 1 no 3.12345678901232 3.1234567890123456 yes 3.1234567890125 3.1234567890123456 no
	} | diff - found
	rm found
}

@test "recurrent: every claim has the verdict that the numbers give" {
	grep -oE 'id="recurrent-claim-[a-z]*"|<span>(holds|does not hold|undecided)</span></p>' "$A/section.html" |
		sed -E 's/id="recurrent-claim-(.*)"/\1/; s,<span>(.*)</span></p>,\1,' | paste - - |
		diff <(printf '%s\t%s\n' forward holds differences holds gradient holds chain 'does not hold' \
			formula 'does not hold' step 'does not hold' again holds) -
}
