// SPDX-License-Identifier: GPL-2.0-or-later
/* client.c - a SPICE client beside a trial */
#include "harness/run/trial.h"

#include <stdlib.h>

#define CLIENT_MS 8000

static void drop_client(void *arg)
{
	struct spice *s = arg;

	spice_release(s);
	free(s);
}

struct spice *client_start(struct trial *t)
{
	struct spice *s = xcalloc(1, sizeof(*s));

	spice_start(s);
	trial_defer(t, drop_client, s);
	client_await(t, s, "main-up");
	return s;
}

const char *client_await(struct trial *t, struct spice *s, const char *key)
{
	const char *said = spice_await(s, key, deadline_in(CLIENT_MS));

	CHECK(t, said, "the SPICE client does not say \"%s\"; the last it said: %.200s", key,
	      spice_last(s));
	return said;
}

void client_tell(struct trial *t, struct spice *s, const char *line)
{
	CHECK(t, spice_tell(s, line, deadline_in(CLIENT_MS)),
	      "the SPICE client takes no commands; the last it said: %.200s", spice_last(s));
}
