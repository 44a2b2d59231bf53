#include "vector/level.h"

#include <stdbool.h>
#include <stdlib.h>
#include <strings.h>

#ifdef __x86_64__
/* The names are oneDNN's, and so is the set that avx512_core stands for; a name that oneDNN does
 * not know limits nothing. */
static enum level allowed(void)
{
	const char *isa = getenv("ONEDNN_MAX_CPU_ISA");

	if (!isa)
		return LEVEL_AVX512;
	if (!strcasecmp(isa, "sse41") || !strcasecmp(isa, "avx"))
		return LEVEL_BASE;
	return strncasecmp(isa, "avx2", 4) ? LEVEL_AVX512 : LEVEL_AVX2;
}

enum level level_best(void)
{
	bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
	bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
	              __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
	              __builtin_cpu_supports("avx512dq");
	enum level has = avx512 ? LEVEL_AVX512 : avx2 ? LEVEL_AVX2 : LEVEL_BASE;

	return has < allowed() ? has : allowed();
}
#else
enum level level_best(void)
{
	return LEVEL_BASE;
}
#endif
