#include "embed/pairs.h"

#include "base/base.h"

/* Points of a task; sources whose terms are added up as floats, in the lanes of a vector, before
 * they are added to the others as doubles. */
enum { POINTS = 16, RUN = 1024 };

MULTIVERSION static void add_run(float px, float py, const float *restrict x,
                                 const float *restrict y, size_t n, double sum[3])
{
	float fx = 0, fy = 0, z = 0;

#pragma omp simd reduction(+ : fx, fy, z)
	for (size_t j = 0; j < n; j++) {
		float dx = px - x[j], dy = py - y[j];
		float w = 1 / (1 + dx * dx + dy * dy);
		float square = w * w;
		fx += square * dx;
		fy += square * dy;
		z += w;
	}
	sum[0] += (double)fx;
	sum[1] += (double)fy;
	sum[2] += (double)z;
}

struct job {
	const struct points *at, *from;
	float *fx, *fy;
	double *z;
};

static void repel(void *context, size_t task, int thread)
{
	const struct job *job = context;
	const struct points *at = job->at, *from = job->from;
	size_t first = task * POINTS, n = at->n - first < POINTS ? at->n - first : POINTS;
	double sum[POINTS][3] = {{0}};

	(void)thread;
	/* A run stays in the cache while all points of the task go over it. */
	for (size_t j = 0; j < from->n; j += RUN)
		for (size_t i = 0; i < n; i++)
			add_run(at->x[first + i], at->y[first + i], from->x + j, from->y + j,
			        from->n - j < RUN ? from->n - j : RUN, sum[i]);
	for (size_t i = 0; i < n; i++) {
		job->fx[first + i] = (float)sum[i][0];
		job->fy[first + i] = (float)sum[i][1];
		job->z[first + i] = sum[i][2];
	}
}

void pairs_repel(const struct points *at, const struct points *from, float *fx, float *fy,
                 double *z)
{
	struct job job = {at, from, fx, fy, z};

	threads_run((at->n + POINTS - 1) / POINTS, repel, &job);
}
