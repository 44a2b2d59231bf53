/*
 * embed - t-SNE: points of the plane whose neighbors are the neighbors of rows of data.
 *
 * Neighbors i and j attract each other by how much of a neighbor each is of the other, p_ij, and
 * all points repel one another.  With w_ij = 1 / (1 + |y_i - y_j|^2) and Z the sum of w over all
 * ordered pairs, the map Y is to have a small
 *
 *	KL = sum of p_ij log(p_ij / (w_ij / Z))
 *
 * (van der Maaten and Hinton, "Visualizing data using t-SNE", JMLR 2008).  The walk from the
 * neighbors to the map:
 *
 *	nearest_read()	indices and distances, checked
 *	graph_conditional()	p of each row's neighbors, by its perplexity
 *	graph_joint()		p of pairs
 *	tsne_new()		a first map
 *	tsne_measure(), tsne_move()	again and again
 *
 * or, for new points among those of a finished map, without graph_joint().
 *
 * Points are floats, sums over many of them doubles, and the order of every sum is fixed: nothing
 * depends on the number of threads.
 */
#ifndef EMBED_H
#define EMBED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- neighbors ---- */

/* The k nearest of each of n rows, which are among m: of themselves or of others. */
struct nearest {
	size_t n, k, m;
	int64_t *to;     /* (n,k), within 0 ... m-1, no two of a row the same */
	float *distance; /* (n,k), finite, not negative, ascending */
};

/* The most points there may be. */
#define EMBED_MOST ((size_t)1 << 30)

/* The stream of two arrays that npy-knn writes; m = 0: the rows are neighbors of one another, and
 * none of itself.  Dies, naming row and index, where it is not such a stream. */
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
 * log(perplexity), 1 <= perplexity <= k, in nats to 1e-8.  Where more neighbors than that share the
 * smallest distance, these share all of p: no b_i makes the entropy less.
 */
struct graph graph_conditional(const struct nearest *near, double perplexity);

/* (p_j|i + p_i|j) / 2n, a sum of 1, from p_j|i of rows that are neighbors of one another. */
struct graph graph_joint(const struct graph *conditional);

void graph_free(struct graph *g);

/* ---- maps ---- */

/* How repulsion is computed: by all pairs, or on a grid (embed/field.h); auto takes pairs where
 * they are at most 20,000 squared. */
enum tsne_method { TSNE_AUTO, TSNE_EXACT, TSNE_FFT };
extern const char *const tsne_methods[]; /* their names, null-terminated */

struct tsne;

/*
 * A map of g's n points that begins at start (n,2), points in pairs of x and y.
 *
 * With a fixed map (m,2), g's m columns, the n points are new ones: each is placed by KL of its own
 * p_j|i and of its own Z, its sum over the fixed points, and none sees another (Policar, Strazar,
 * Zupan, "Embedding to reference t-SNE space addresses batch effects in single-cell
 * classification", 2021).  g must outlive the map.
 */
struct tsne *tsne_new(const struct graph *g, const float *start, const float *fixed,
                      enum tsne_method method);
void tsne_free(struct tsne *t);

/*
 * The gradient where the map is, with all p times `exaggeration`, e:
 *
 *	g_i = e sum over j of p_ij w_ij (y_i - y_j)  -  1/Z sum over j of w_ij^2 (y_i - y_j)
 *
 * It is a quarter of KL's where e = 1, for that is how published learning rates are meant.  Dies
 * where a point is not finite.
 */
void tsne_measure(struct tsne *t, double exaggeration);

/* Of what tsne_measure() measured: KL, without exaggeration, for new points their mean of it; the
 * gradient's norm; the larger of the map's width and height; gradient i's axis 0 or 1. */
double tsne_kl(const struct tsne *t);
double tsne_norm(const struct tsne *t);
double tsne_span(const struct tsne *t);
double tsne_gradient(const struct tsne *t, size_t i, int axis);

/*
 * A step down the gradient.  Each coordinate has a gain, at first 1, that grows by 0.2 where the
 * gradient has not the sign of the last move reversed, else shrinks by 0.8 to not less than 0.01
 * (Jacobs 1988); a move is `momentum` times the last one minus rate x gain x gradient.  No point
 * moves farther than 5.  A map that is not of new points is then centered.
 */
void tsne_move(struct tsne *t, double rate, double momentum);

/* Copy the map, (n,2). */
void tsne_copy(const struct tsne *t, float *map);

/* ---- where maps begin ---- */

/* Scale and center n points, so that the first coordinate has this standard deviation; false where
 * it has none. */
bool start_scale(float *map, size_t n, double deviation);

/* Each axis normal with this deviation. */
void start_random(float *map, size_t n, double deviation, int64_t seed);

/* Each new point at the median of its nearest neighbors in the fixed map, of at most 25. */
void start_median(float *map, const struct nearest *near, const float *fixed);

#endif
