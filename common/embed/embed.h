/*
 * embed - t-SNE: a map, points in the plane whose neighbors are the neighbors of rows.
 *
 * Neighbors i and j attract each other in proportion to their probability p_ij, and all points
 * repel each other.  With w_ij = 1 / (1 + |y_i - y_j|^2) and Z the sum of w over all ordered pairs,
 * the descent decreases
 *
 *	KL = sum of p_ij log(p_ij / (w_ij / Z))
 *
 * (van der Maaten and Hinton, "Visualizing data using t-SNE", JMLR 2008).  The calls from the
 * neighbors to the map:
 *
 *	nearest_read()	indices and distances, checked
 *	graph_conditional()	p of each row's neighbors, by its perplexity
 *	graph_joint()		p of pairs
 *	tsne_new()		a first map
 *	tsne_measure(), tsne_move()	again and again
 *
 * New points are placed on a finished map by the same calls, without graph_joint().
 *
 * Points are floats, and sums over many points are doubles in a fixed order: the number of threads
 * does not change the result.
 */
#ifndef EMBED_H
#define EMBED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- neighbors ---- */

/* The k nearest of m rows for each of n rows; both may be the same rows. */
struct nearest {
	size_t n, k, m;
	int64_t *to;     /* (n,k), within 0 ... m-1, no two of a row the same */
	float *distance; /* (n,k), finite, not negative, ascending */
};

/* The largest number of points. */
#define EMBED_MOST ((size_t)1 << 30)

/* Read the stream of two arrays that npy-knn writes.  With m = 0 the neighbors are the other rows
 * of the same n.  Dies if it is not such a stream; the message names row and index. */
struct nearest nearest_read(const char *path, size_t m);
void nearest_free(struct nearest *near);

/* ---- graphs ---- */

/* A sparse matrix p (n,m): row i has entries first[i] ... first[i + 1] - 1, in ascending order of
 * their columns, `to`. */
struct graph {
	size_t n, m;
	size_t *first;
	int32_t *to;
	float *p;
};

/*
 * p_j|i proportional to exp(-b_i d_ij^2), each row with a sum of 1 and the entropy
 * log(perplexity), 1 <= perplexity <= k, in nats, to 1e-8.  If more neighbors than the perplexity
 * have the smallest distance, they share all of p: no b_i makes the entropy smaller.
 */
struct graph graph_conditional(const struct nearest *near, double perplexity);

/* (p_j|i + p_i|j) / 2n, whose sum is 1; the neighbors must be rows of the same n. */
struct graph graph_joint(const struct graph *conditional);

void graph_free(struct graph *g);

/* ---- maps ---- */

/* Repulsion is computed by all pairs or on a grid (embed/field.h); auto takes all pairs if these
 * are at most 20,000 squared. */
enum tsne_method { TSNE_AUTO, TSNE_EXACT, TSNE_FFT };
extern const char *const tsne_methods[]; /* their names, null-terminated */

struct tsne;

/*
 * A map of the n points of g that begins at start (n,2), points in pairs of x and y.
 *
 * With a fixed map (m,2), one point for each column of g, the n points are new ones.  Each has a KL
 * of its own, of its p_j|i and of a Z that is its sum of w over the fixed points; new points do not
 * influence each other (Policar, Strazar, Zupan, "Embedding to reference t-SNE space addresses
 * batch effects in single-cell classification", 2021).  g must outlive the map.
 */
struct tsne *tsne_new(const struct graph *g, const float *start, const float *fixed,
                      enum tsne_method method);
void tsne_free(struct tsne *t);

/*
 * Compute the gradient at the current map, with all p multiplied by `exaggeration`, e:
 *
 *	g_i = e sum over j of p_ij w_ij (y_i - y_j)  -  1/Z sum over j of w_ij^2 (y_i - y_j)
 *
 * With e = 1 it is a quarter of the gradient of KL, as in the programs whose learning rates are
 * published.  Dies if a point is not finite.
 */
void tsne_measure(struct tsne *t, double exaggeration);

/* Results of tsne_measure(): KL without exaggeration, for new points the mean of their KL; the norm
 * of the gradient; the larger of the map's width and height; the gradient of point i along axis 0
 * or 1. */
double tsne_kl(const struct tsne *t);
double tsne_norm(const struct tsne *t);
double tsne_span(const struct tsne *t);
double tsne_gradient(const struct tsne *t, size_t i, int axis);

/*
 * One step of the descent.  Each coordinate has a gain, 1 at first.  0.2 is added to the gain if
 * gradient and last move differ in sign; otherwise the gain is multiplied by 0.8, but is at least
 * 0.01 (Jacobs 1988).  A move is `momentum` times the last move minus rate x gain x gradient.  No
 * point moves farther than 5.  Then the map is centered, except for new points.
 */
void tsne_move(struct tsne *t, double rate, double momentum);

/* Copy the map, (n,2). */
void tsne_copy(const struct tsne *t, float *map);

/* ---- where maps begin ---- */

/* Center n points and scale them so that the first coordinate has this standard deviation; false if
 * the first coordinate does not vary. */
bool start_scale(float *map, size_t n, double deviation);

/* Draw both coordinates from a normal distribution with this standard deviation. */
void start_random(float *map, size_t n, double deviation, int64_t seed);

/* Put each new point at the median of its nearest neighbors on the fixed map, of at most 25. */
void start_median(float *map, const struct nearest *near, const float *fixed);

#endif
