/*
 * The threads of a program: they are started when first needed, and then wait for work.
 *
 * A thread that waits looks again and again for some microseconds, which is how long most waits
 * are, then sleeps: beside other programs a thread that goes on looking takes the processor from
 * the one that it waits for.
 */
/* For sched_getaffinity(); the name is glibc's. */
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum { MOST = 256, LOOKS = 6000 };

static struct {
	atomic_int count; /* threads, this one included */
	int started;
	threads_work *work;
	void *context;
	size_t tasks;
	/* The number of the job, and how many of its tasks nobody has taken yet.  In one word: a
	 * task is taken only of the job that it was seen in. */
	_Atomic uint64_t offer;
	atomic_size_t done;
	atomic_int asleep; /* threads that wait for a job; the one that waits for its end */
	atomic_bool waiting;
	pthread_mutex_t lock;
	pthread_cond_t job, end;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .job = PTHREAD_COND_INITIALIZER,
          .end = PTHREAD_COND_INITIALIZER};

static void look_away(void)
{
#ifdef __x86_64__
	__builtin_ia32_pause();
#endif
}

static int processors(void)
{
	const char *wanted = getenv("OMP_NUM_THREADS");
	cpu_set_t set;
	long n = wanted ? strtol(wanted, NULL, 10) : 0;

	if (n <= 0 && sched_getaffinity(0, sizeof set, &set) == 0)
		n = CPU_COUNT(&set);
	return n < 1 ? 1 : n > MOST ? MOST : (int)n;
}

int threads(void)
{
	if (!pool.count)
		pool.count = processors();
	return pool.count;
}

void threads_use(int n)
{
	pool.count = n;
}

/* The end of the job may be what another thread sleeps for. */
static void end_task(size_t tasks)
{
	if (atomic_fetch_add(&pool.done, 1) + 1 < tasks || !atomic_load(&pool.waiting))
		return;
	pthread_mutex_lock(&pool.lock);
	pthread_cond_signal(&pool.end);
	pthread_mutex_unlock(&pool.lock);
}

/* Take tasks while there are any. */
static void take_tasks(int thread)
{
	uint64_t offer = atomic_load(&pool.offer);

	while ((uint32_t)offer) {
		if (!atomic_compare_exchange_weak(&pool.offer, &offer, offer - 1))
			continue;
		/* From here on the job lasts at least until this task is done. */
		size_t tasks = pool.tasks;
		pool.work(pool.context, tasks - (uint32_t)offer, thread);
		end_task(tasks);
		offer = atomic_load(&pool.offer);
	}
}

static bool is_offered(int thread)
{
	return (uint32_t)atomic_load(&pool.offer) && thread < pool.count;
}

static void await_job(int thread)
{
	for (int i = 0; i < LOOKS; i++) {
		if (is_offered(thread))
			return;
		look_away();
	}
	pthread_mutex_lock(&pool.lock);
	atomic_fetch_add(&pool.asleep, 1);
	while (!is_offered(thread))
		pthread_cond_wait(&pool.job, &pool.lock);
	atomic_fetch_sub(&pool.asleep, 1);
	pthread_mutex_unlock(&pool.lock);
}

static void *run_thread(void *number)
{
	int thread = *(int *)number;

	for (;;) {
		await_job(thread);
		take_tasks(thread);
	}
	return NULL;
}

static void start_threads(void)
{
	static int number[MOST];
	pthread_attr_t attributes;
	pthread_t thread;

	if (pool.started >= pool.count)
		return;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	for (pool.started += !pool.started; pool.started < pool.count; pool.started++) {
		number[pool.started] = pool.started;
		if (pthread_create(&thread, &attributes, run_thread, &number[pool.started]))
			break; /* do with fewer */
	}
	pthread_attr_destroy(&attributes);
}

static void await_end(size_t tasks)
{
	for (int i = 0; i < LOOKS; i++) {
		if (atomic_load(&pool.done) == tasks)
			return;
		look_away();
	}
	pthread_mutex_lock(&pool.lock);
	atomic_store(&pool.waiting, true);
	while (atomic_load(&pool.done) < tasks)
		pthread_cond_wait(&pool.end, &pool.lock);
	atomic_store(&pool.waiting, false);
	pthread_mutex_unlock(&pool.lock);
}

void threads_run(size_t tasks, threads_work *work, void *context)
{
	if (threads() == 1 || tasks <= 1) {
		for (size_t i = 0; i < tasks; i++)
			work(context, i, 0);
		return;
	}
	start_threads();
	pool.work = work;
	pool.context = context;
	pool.tasks = tasks;
	atomic_store(&pool.done, 0);
	atomic_store(&pool.offer, ((atomic_load(&pool.offer) >> 32) + 1) << 32 | (uint32_t)tasks);
	if (atomic_load(&pool.asleep)) {
		pthread_mutex_lock(&pool.lock);
		pthread_cond_broadcast(&pool.job);
		pthread_mutex_unlock(&pool.lock);
	}
	take_tasks(0);
	await_end(tasks);
}
