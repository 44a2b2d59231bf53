/*
 * options - the command line of a training: what all have in common.
 *
 *	struct training t = training_defaults("nn-train");
 *	struct cli_option *options = training_options(&t, own);
 *	... cli_parse() ...
 *	training_settle(&t, inputs);
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "base/base.h"
#include "train/train.h"

struct training training_defaults(const char *command);

/* The options of every training, which set t, and then the program's own; to be freed. */
struct cli_option *training_options(struct training *t, const struct cli_option own[]);

/* Find out what names mean, give defaults, and die where options cannot be combined, or where
 * more than one of the model, the data (null: none), --validation and --resume is standard input.
 */
void training_settle(struct training *t, const char *model, const char *data);

/* Free what training_settle() made. */
void training_free(struct training *t);

#endif
