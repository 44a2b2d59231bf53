/* ONNX files: a model that is made of one can be written, and read as any other. */
#include "onnx/onnx.h"

#include <stdlib.h>

#include "base/base.h"
#include "fuzz/fuzz.h"

void fuzz(const uint8_t *data, size_t size)
{
	fuzz_stdin(data, size);
	struct model m =
		onnx_read("-", &(struct onnx_options){1, 1, (double[]){0}, (double[]){1}, NULL});
	struct safetensors contents = model_contents(&m);
	void (*hook)(void) = die_hook;

	die_hook = abort; /* a refusal is no answer to this */
	struct model again = model_from(&contents, "written");
	die_hook = hook;
	FUZZ_EXPECT(again.spec.elements == m.spec.elements);
	model_free(&again);
	safetensors_free(&contents);
	model_free(&m);
}
