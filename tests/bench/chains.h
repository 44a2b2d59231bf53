/*
 * CHAINS chains of additions of products, in vectors of WIDTH floats; included once for each vector
 * length, with WIDTH, CHAINS, TARGET and NAME(word) defined.
 */
enum { NAME(floats) = WIDTH * CHAINS };

typedef float NAME(vector) __attribute__((vector_size(WIDTH * sizeof(float))));

TARGET static float NAME(chains)(int rounds)
{
	NAME(vector) a = 0.5F - (NAME(vector)){0}, b = a, c[CHAINS];

	/* All different, or the compiler would compute one. */
	for (int k = 0; k < CHAINS; k++)
		c[k] = (float)k - (NAME(vector)){0};

	for (int i = 0; i < rounds; i++)
		for (int k = 0; k < CHAINS; k++) {
			/* Nor may it know a, or it would multiply but once. */
			__asm__ volatile("" : IN_REGISTER(a));
			c[k] += a * b;
		}
	for (int k = 1; k < CHAINS; k++)
		c[0] += c[k];
	return c[0][0];
}
