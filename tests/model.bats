# What model(5) refuses, through nn-weights, and what it does not.
load helper

# st HEADER BYTES: a safetensors file of this header and so many bytes 0 of data.
st() {
	local n=${#1}
	printf '%b' "$(printf '\\x%02x' $((n & 255)) $((n >> 8 & 255)) $((n >> 16 & 255)) 0 0 0 0 0)"
	printf %s "$1"
	head -c "$2" /dev/zero
}

# A network of one layer: dense1.weight (1,4) in 16 bytes, dense1.bias (1) in 4.
meta='"__metadata__":{"network":"input 1x2x2\ndense 1\n"}'
weight='"dense1.weight":{"dtype":"F32","shape":[1,4],"data_offsets":[0,16]}'
bias='"dense1.bias":{"dtype":"F32","shape":[1],"data_offsets":[16,20]}'

# says MESSAGE HEADER BYTES: this file is refused.
says() {
	st "$2" "$3" >model
	refuses "model: $1" 'nn-weights model'
}

# weighs MESSAGE JSON [BYTES]: says, of the whole model with this in place of the weight's value.
weighs() {
	says "$1" "{$meta,\"dense1.weight\":$2,$bias}" "${3:-20}"
}

@test "model: a file made by hand, in any order, with blanks and other texts" {
	st "{$meta,$weight,$bias}" 20 >model
	[ "$(nn-weights model | wc -l)" -eq 3 ]
	st "{$bias , $weight,${meta%\}}, \"format\":\"np\", \"\u00e4\":\"\"} }    " 20 >model
	[ "$(nn-weights model | wc -l)" -eq 3 ]
	[ -z "$(nn-info --history model)" ]
}

@test "model: what a terminal would obey is not printed" {
	st '{"__metadata__":{"network":"input 1x2x2 # \u001b[2J\ndense 1\n","history":"nn-init \u001b[31m\u00e4\r\n"},'"$weight,$bias}" 20 >model
	[ "$(nn-info --history model)" = 'nn-init \x1b[31mä\x0d' ]
	[ "$(nn-info --network model)" = $'input 1x2x2 # \\x1b[2J\ndense 1' ]
}

@test "model: the digest is that of an independent hand, and any change is found" {
	nn-init <<<$'input 1x4x4\nconv 2 3x3\nbatchnorm\ndense 2 # ä' >model
	nn-info --verify model
	/usr/bin/python3 - <<-'E'
		import hashlib, json, struct
		b = open("model", "rb").read()
		n, = struct.unpack("<Q", b[:8])
		head, data = json.loads(b[8:8 + n]), b[8 + n:]
		texts = head.pop("__metadata__")
		stated, s = texts.pop("sha256"), hashlib.sha256()
		for key in sorted(texts):
		    s.update(key.encode() + b"\0" + texts[key].encode() + b"\0")
		for name in sorted(head):
		    begin, end = head[name]["data_offsets"]
		    s.update(name.encode() + b"\0<f4\0" + str(tuple(head[name]["shape"])).replace(" ", "").encode() + b"\0" + data[begin:end])
		assert s.hexdigest() == stated
		for i, name in (8 + n, "data"), (b.index(b"nn-init "), "history"):
		    open(name, "wb").write(b[:i] + bytes([b[i] ^ 1]) + b[i + 1:])
	E
	for file in data history; do
		run -1 --separate-stderr nn-info --verify "$file"
		[ "$stderr" = "nn-info: $file: its contents do not have the sha256 that it states" ] && [ -z "$output" ]
	done
	refuses "has no sha256" "$(declare -f st); nn-info --verify <(st '{$meta,$weight,$bias}' 20)"
}

@test "model: the order of a file's tensors and texts means nothing" {
	nn-init <<<$'input 1x4x4\nconv 2 3x3\nbatchnorm\ndense 2' >model
	/usr/bin/python3 - <<-'E' # the same, as any other library would write it
		import json, struct
		b = open("model", "rb").read()
		n, = struct.unpack("<Q", b[:8])
		head, data = json.loads(b[8:8 + n]), b[8 + n:]
		meta, out, at = head.pop("__metadata__"), {}, 0
		parts = []
		for name in sorted(head):
		    begin, end = head[name]["data_offsets"]
		    parts.append(data[begin:end])
		    out[name] = {"shape": head[name]["shape"], "data_offsets": [at, at + end - begin], "dtype": "F32"}
		    at += end - begin
		text = json.dumps({**out, "__metadata__": meta}, indent=1).encode()
		open("other", "wb").write(struct.pack("<Q", len(text)) + text + b"".join(parts))
	E
	run -1 cmp -s model other
	cmp <(nn-weights model) <(nn-weights other)
	cmp <(nn-info --history model) <(nn-info --history other)
	cmp <(nn-info --network model) <(nn-info --network other)
}

@test "model: a checkpoint's own tensors are passed over" {
	st "{$meta,$weight,$bias,\"optimizer.x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[20,28]},
		\"best.dense1.bias\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[28,32]},
		\"average.y\":{\"dtype\":\"F32\",\"shape\":[0,9],\"data_offsets\":[32,32]}}" 32 >model
	[ "$(nn-weights model | wc -l)" -eq 3 ]
}

# floats DTYPE BYTES: the model with these bytes, in hexadecimal, as its weight, and a bias of 1; its counters
# of batches are a scalar of 8 bytes and a vector of none.
floats() {
	local n=$((${#2} / 2))
	st "{$meta,\"dense1.weight\":{\"dtype\":\"$1\",\"shape\":[1,4],\"data_offsets\":[12,$((12 + n))]},\"dense1.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},
		\"bn1.num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[0,8]},\"num_batches_tracked\":{\"dtype\":\"I64\",\"shape\":[0],\"data_offsets\":[8,8]}}" 8
	printf '\0\0\200\077%b' "$(printf %s "$2" | sed 's/../\\x&/g')"
}

# 1.5, -2, the least positive number and 0.1 as IEEE 754 and bfloat16 have them, by hand; and 0.1 rounded to each.
@test "model: floats of 16 and of 64 bits become those of 32, counters of batches are passed over" {
	floats F16 003e00c00100662e >half
	floats BF16 c03f00c00100cd3d >brain
	floats F64 000000000000f83f00000000000000c000000000000000009a9999999999b93f >double
	nn-weights half dense1.weight | cmp - <(array f4 '[[1.5, -2, 2.0 ** -24, 0.0999755859375]]')
	nn-weights brain dense1.weight | cmp - <(array f4 '[[1.5, -2, 2.0 ** -133, 0.10009765625]]')
	nn-weights double dense1.weight | cmp - <(array f4 '[[1.5, -2, 0, 0.1]]')
	for model in half brain double; do
		[ "$(nn-weights $model | cut -f 1,2 | paste -s -d ' ')" = $'name\tshape dense1.weight\t(1,4) dense1.bias\t(1,)' ]
	done
	floats F16 003e00c0007c662e >infinite
	refuses "tensor 'dense1.weight' is not finite: element 2 is inf" 'nn-weights infinite'
	floats BF16 003ec0ff01000000 >nan
	refuses "tensor 'dense1.weight' is not finite: element 1 is -nan" 'nn-weights nan'
	# Too large for 32 bits.
	floats F64 000000000000f83f00000000000000c09c7500883ce4377e9a9999999999b93f >large
	refuses "tensor 'dense1.weight' is not finite: element 2 is inf" 'nn-weights large'
	refuses "truncated in tensor 'dense1.weight'" 'head -c -1 half | nn-weights -'
	refuses "truncated in tensor 'bn1.num_batches_tracked'" 'head -c -15 half | nn-weights -'
}

@test "model: truncated and over-long files" {
	st "{$meta,$weight,$bias}" 20 >whole
	size=$(wc -c <whole)
	refuses "standard input: empty: expected a model" 'nn-weights - </dev/null'
	refuses "truncated in the 8 bytes that begin" 'head -c 7 whole | nn-weights -'
	refuses "truncated in its header" 'head -c 8 whole | nn-weights -'
	refuses "truncated in its header" 'head -c 100 whole | nn-weights -'
	refuses "truncated in tensor 'dense1.weight'" "head -c $((size - 5)) whole | nn-weights -"
	refuses "truncated in tensor 'dense1.bias'" "head -c $((size - 1)) whole | nn-weights -"
	refuses "more bytes than its header says" '{ cat whole; printf x; } | nn-weights -'
}

@test "model: headers that are none" {
	refuses "found a header of 18446744073709551615 bytes (the limit is 100000000)" \
		'{ head -c 8 /dev/zero | tr "\0" "\377"; echo {}; } | nn-weights -'
	refuses "truncated in its header" 'printf "\0\340\365\5\0\0\0\0{" | nn-weights -'
	says "expected a safetensors file, found no JSON object" '' 0
	says "expected a safetensors file, found no JSON object" "[$meta]" 0
	says "expected a safetensors file, found no JSON object" " {$meta}" 0
	says "its header is not JSON" "{$meta" 0
	says "its header is not JSON" "{$meta}}" 0
	says "its header is not JSON" "{$meta,}" 0
	says "its header is not JSON" "{\"$(printf '\xff')\":1}" 0
	says "its header is not JSON" "{\"a\":$(printf '[%.0s' {1..9999})" 0
	says "its header is not JSON" "{$meta,$weight,$weight,$bias}" 36
	says "its header is not JSON" "{$meta,$meta,$weight,$bias}" 20
	says "its header is not JSON: \\u0000" '{"__metadata__":{"network":"input 1x2x2\ndense 1\n\u0000"}}' 0
}

@test "model: metadata that is none" {
	says "expected the network's text in __metadata__, found none" "{$weight,$bias}" 20
	says "expected the network's text in __metadata__, found none" '{"__metadata__":{}}' 0
	says "__metadata__ is not a map of strings" '{"__metadata__":[]}' 0
	says "__metadata__: 'network' is not a string" '{"__metadata__":{"network":1}}' 0
	says "network:2:7: dense: expected a number of neurons, found 'x'" \
		'{"__metadata__":{"network":"input 1x2x2\ndense x\n"}}' 0
}

@test "model: tensors that are none" {
	weighs "tensor 'dense1.weight': expected a dtype" '1'
	weighs "tensor 'dense1.weight': expected a dtype" '{}'
	weighs "tensor 'dense1.weight': expected a dtype" '{"dtype":32,"shape":[1,4],"data_offsets":[0,16]}'
	for dtype in I64 BF8 F BOOL; do
		weighs "tensor 'dense1.weight': expected dtype F64, F32, F16 or BF16, found $dtype" \
			'{"dtype":"'$dtype'","shape":[1,2],"data_offsets":[0,16]}'
	done
	for dtype in F16 BF16; do
		weighs "tensor 'dense1.weight': its shape takes 8 bytes, its data_offsets have 16" \
			'{"dtype":"'$dtype'","shape":[1,4],"data_offsets":[0,16]}'
	done
	weighs "tensor 'dense1.weight': expected a shape" '{"dtype":"F32","shape":4,"data_offsets":[0,16]}'
	weighs "tensor 'dense1.weight': expected a shape" '{"dtype":"F32","data_offsets":[0,16]}'
	for size in -4 4.0 '"4"' null '[4]' true; do
		weighs "tensor 'dense1.weight': its shape is not a list of sizes" \
			"{\"dtype\":\"F32\",\"shape\":[1,$size],\"data_offsets\":[0,16]}"
	done
	weighs "tensor 'dense1.weight' has more than 8 dimensions" \
		'{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,4],"data_offsets":[0,16]}'
	weighs "its header is not JSON: too big integer" \
		'{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,16]}'
}

@test "model: shapes whose product overflows, also behind a 0" {
	weighs "tensor 'dense1.weight' is too large" \
		'{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}'
	weighs "tensor 'dense1.weight' is too large" \
		'{"dtype":"F32","shape":[0,9223372036854775807,9223372036854775807],"data_offsets":[0,0]}'
	weighs "tensor 'dense1.weight' is too large" \
		'{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}'
	# What a header promises is not allocated before it arrives.
	st "{$meta,\"dense1.weight\":{\"dtype\":\"F32\",\"shape\":[1000000000000],\"data_offsets\":[0,4000000000000]}}" 99 >model
	refuses "truncated in tensor 'dense1.weight'" 'nn-weights model'
}

@test "model: offsets that are none, overlap, leave holes or lie outside" {
	for offsets in '0' '[]' '[0]' '[0,16,16]' '[0,-16]' '[-16,0]' '[16,0]' '[0,"16"]' '[0,16.0]' '{}' null; do
		weighs "tensor 'dense1.weight': expected data_offsets [BEGIN, END]" \
			"{\"dtype\":\"F32\",\"shape\":[1,4],\"data_offsets\":$offsets}"
	done
	weighs "tensor 'dense1.weight': its shape takes 16 bytes, its data_offsets have 20" \
		'{"dtype":"F32","shape":[1,4],"data_offsets":[0,20]}'
	weighs "tensor 'dense1.weight' begins at byte 4 of the data, expected 0: there is a hole" \
		'{"dtype":"F32","shape":[1,4],"data_offsets":[4,20]}'
	weighs "tensor 'dense1.bias' begins at byte 16 of the data, expected 0: there is a hole" \
		'{"dtype":"F32","shape":[1,4],"data_offsets":[20,36]}' 36
	says "tensor 'dense1.bias' begins at byte 12 of the data, expected 16: tensors overlap" \
		"{$meta,$weight,\"dense1.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[12,16]}}" 16
	weighs "tensor 'dense1.bias' begins at byte 16 of the data, expected 0: there is a hole" \
		'{"dtype":"F32","shape":[1,4],"data_offsets":[9223372036854775791,9223372036854775807]}'
}

@test "model: tensors that are not the network's" {
	says "layer dense1: expected bias (1), found none" "{$meta,$weight}" 16
	says "layer dense1: expected weight (1,4), found (4,1)" "{$meta,${weight/1,4/4,1},$bias}" 20
	says "layer dense1: expected weight (1,4), found (4)" "{$meta,${weight/1,4/4},$bias}" 20
	says "layer dense1: expected weight (1,4), found (1,4,1)" "{$meta,${weight/1,4/1,4,1},$bias}" 20
	says "tensor 'dense2.bias' belongs to no layer of the network" \
		"{$meta,$weight,$bias,\"dense2.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[20,24]}}" 24
	# What the text promises is not allocated before it is there.
	says "layer dense1: expected weight (1000,2000000), found (1,4)" \
		"{${meta/2x2\\ndense 1/1000x2000\\ndense 1000},$weight,$bias}" 20
	# The design's example: a depthwise convolution is none of ours.
	nn-init <<<$'input 32x4x4\nconv 32 3x3 as conv2' >whole
	LC_ALL=C sed 's/\[32,32,3,3\]/[32,32,9,1]/' whole >model
	refuses "model: layer conv2: expected weight (32,32,3,3), found (32,32,9,1)" 'nn-weights model'
}

@test "model: parameters that are not finite, and variances that are none" {
	nn-init -i zeros <<<$'input 1x1x1\nbatchnorm\ndense 1' >whole
	size=$(wc -c <whole)
	# float AT BYTES: whole with this float in place of the one `AT` before its end.
	float() {
		head -c $((size - $1)) whole
		printf '%b' "$2"
		tail -c $(($1 - 4)) whole
	}
	float 4 '\0\0\300\177' >model
	[ "$(wc -c <model)" -eq "$size" ]
	refuses "model: tensor 'dense1.bias' is not finite: element 0 is nan" 'nn-weights model'
	float 8 '\0\0\200\377' >model
	refuses "model: tensor 'dense1.weight' is not finite: element 0 is -inf" 'nn-weights model'
	float 12 '\0\0\200\277' >model
	refuses "model: tensor 'bn1.running_var' is no variance: element 0 is -1" 'nn-weights model'
	float 16 '\0\0\200\277' >model # a mean may be -1
	nn-weights model >/dev/null
}

@test "model: another file is called by its name, and operands that have changed places" {
	zeros 9 >x.npy
	printf 'input 1x3x3\nrelu\n' | tee x.net | nn-init >x.model
	refuses "x.npy: expected a model, found an NPY array (MODEL comes before DATA)" 'nn-eval x.npy x.model'
	refuses "x.net: expected a model, found text" 'nn-run x.net x.npy'
	gzip x.npy
	refuses "x.npy.gz: expected a model, found a gzip file" 'nn-weights x.npy.gz'
}
