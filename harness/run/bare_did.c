// SPDX-License-Identifier: GPL-2.0-or-later
/* bare_did.c - what a case without a guest does, as shell lines for repro.sh */
#include "harness/run/bare.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "harness/run/repro.h"

#define SAY_MAX 200 /* longer words are in ID.sent.bin */

/* Host ends that were closed since the last line. */
static void add_leavers(struct bare *b)
{
	for (size_t i = 0; i < b->rig->n_chrs; i++) {
		const struct chr *c = &b->rig->chrs[i];

		if (c->left != b->did.left[i] && c->id)
			trial_did(b->t, "leave %s", c->id);
		b->did.left[i] = c->left;
	}
}

/* What the driver did since then is in the log. */
static void add_replay(struct bare *b)
{
	unsigned long lines = target_qtest_lines(b->target);

	if (lines > b->did.lines)
		trial_did(b->t, "replay %lu", lines);
	b->did.lines = lines;
}

void bare_did(struct bare *b, const char *fmt, ...)
{
	va_list ap;
	char *line;

	va_start(ap, fmt);
	line = xvasprintf(fmt, ap);
	va_end(ap);
	add_replay(b);
	add_leavers(b);
	trial_did(b->t, "%s", line);
	free(line);
}

void bare_did_qmp(struct bare *b, const char *command, const char *args)
{
	struct buf line = BUF_INIT;

	repro_qmp(&line, command, args);
	bare_did(b, "%s", line.data);
	buf_release(&line);
}

void bare_did_hmp(struct bare *b, const char *line)
{
	struct buf args = BUF_INIT;

	buf_addstr(&args, "{\"command-line\": ");
	qmp_quote(&args, line);
	buf_addstr(&args, "}");
	bare_did_qmp(b, "human-monitor-command", args.data);
	buf_release(&args);
}

void bare_did_adopt(struct bare *b, const struct chr *c)
{
	struct sockaddr_storage at = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof(at);
	const struct sockaddr_un *un = (const void *)&at;
	bool known = getpeername(c->fd, (struct sockaddr *)&at, &len) == 0;

	if (known && at.ss_family == AF_UNIX && len > sizeof(sa_family_t) && un->sun_path[0])
		bare_did(b, "client %s UNIX-CONNECT:%s", c->id, un->sun_path);
	else if (known && at.ss_family == AF_INET)
		bare_did(b, "client %s TCP:127.0.0.1:$(port)", c->id);
	else
		bare_did(b, "# here our end %s is connected, to what was made or given to QEMU",
			 c->id);
}

/* As printf(1) reads it. */
static void add_escaped(struct buf *line, const unsigned char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addf(line,
			 data[i] > ' ' && data[i] < 0x7f && !strchr("\\%'", data[i]) ? "%c"
										     : "\\%03o",
			 data[i]);
}

void bare_did_say(struct bare *b, const struct stream *s, const void *data, size_t len)
{
	struct buf line = BUF_INIT;

	if (len <= SAY_MAX && stream_is_plain(s)) {
		add_escaped(&line, data, len);
		bare_did(b, "say %s '%s'", s->chr->id, line.data);
	} else {
		bare_did(b, "# here our end %s sends %zu bytes%s", s->chr->id, len,
			 stream_is_plain(s) ? "" : ", in its protocol");
	}
	buf_release(&line);
}

void bare_did_want(struct bare *b, const char *where, const void *data, size_t len)
{
	struct buf text = BUF_INIT;

	text_printable(&text, data, len, 80);
	bare_did(b, "# %s: \"%s\" (%zu bytes)", where, text.data, len);
	buf_release(&text);
}
