// SPDX-License-Identifier: GPL-2.0-or-later
/* migrate.c - a guest moves from one QEMU to another */
#include "harness/vm/migrate.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "harness/base/die.h"
#include "harness/base/io.h"

#define QMP_MS 10000
#define STEM   "migration"

static const char *const ways[] = {"unix", "tcp", "file", "fd", "exec"};

bool migrate_way_parse(const char *name, enum migrate_way *way)
{
	for (unsigned int i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		*way = (enum migrate_way)i;
		if (strcmp(ways[i], name) == 0)
			return true;
	}
	return false;
}

static bool judge(struct vm *vm, enum qmp_result r, const char *command, struct buf *why)
{
	if (r != QMP_OK)
		vm_qmp_trouble(vm, r, command, why);
	return r == QMP_OK;
}

/* It tells what state the move is in, and does not hold back. */
static bool prepare(struct vm *vm, struct buf *why)
{
	struct qmp *q = &vm->qmp;
	struct deadline d = deadline_in(QMP_MS);

	return judge(vm,
		     qmp_cmd(q, d, "migrate-set-capabilities",
			     "{\"capabilities\": [{\"capability\": \"events\", \"state\": true}]}"),
		     "migrate-set-capabilities", why) &&
	       judge(vm,
		     qmp_cmd(q, d, "migrate-set-parameters", "{\"max-bandwidth\": %lld}",
			     1LL << 40),
		     "migrate-set-parameters", why);
}

static bool go(struct vm *vm, const char *command, const char *uri, struct buf *why)
{
	return judge(vm, qmp_cmd(&vm->qmp, deadline_in(QMP_MS), command, "{\"uri\": \"%s\"}", uri),
		     command, why);
}

/* The port that the destination was given by the kernel. */
static bool tcp_uri(struct vm *to, struct buf *uri, struct buf *why)
{
	char *port;

	if (!judge(to, qmp_cmd(&to->qmp, deadline_in(QMP_MS), "query-migrate", NULL),
		   "query-migrate", why))
		return false;
	port = qmp_get(&to->qmp, "socket-address.0.port");
	if (port)
		buf_addf(uri, "tcp:127.0.0.1:%s", port);
	else
		buf_addstr(why, "query-migrate does not tell the port of the destination");
	free(port);
	return port != NULL;
}

static bool hand_over(struct vm *vm, int fd, struct buf *why)
{
	return judge(vm,
		     qmp_cmd_fd(&vm->qmp, deadline_in(QMP_MS), fd, "getfd",
				"{\"fdname\": \"" STEM "\"}"),
		     "getfd", why);
}

static bool begin_fd(struct migrate *m, struct buf *why)
{
	int pair[2];
	bool ok;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		die_errno("socketpair");
	ok = hand_over(m->to, pair[0], why) && hand_over(m->from, pair[1], why) &&
	     go(m->to, "migrate-incoming", "fd:" STEM, why) &&
	     go(m->from, "migrate", "fd:" STEM, why);
	io_close(&pair[0]);
	io_close(&pair[1]);
	return ok;
}

bool migrate_begin(struct migrate *m, struct vm *from, struct vm *to, enum migrate_way way,
		   struct buf *why)
{
	struct buf uri = BUF_INIT;
	bool ok;

	*m = (struct migrate){.from = from, .to = to, .way = way};
	if (!prepare(from, why) || !prepare(to, why))
		return false;
	qmp_forget_events(&from->qmp);
	switch (way) {
	case MIGRATE_UNIX:
		ok = go(to, "migrate-incoming", "unix:" STEM ".sock", why) &&
		     go(from, "migrate", "unix:" STEM ".sock", why);
		break;
	case MIGRATE_TCP:
		ok = go(to, "migrate-incoming", "tcp:127.0.0.1:0", why) && tcp_uri(to, &uri, why) &&
		     go(from, "migrate", uri.data, why);
		break;
	case MIGRATE_FILE: /* the destination reads it once it is whole */
		ok = go(from, "migrate", "file:" STEM ".state", why);
		break;
	case MIGRATE_EXEC:
		ok = go(from, "migrate", "exec:cat >" STEM ".state", why);
		break;
	default:
		ok = begin_fd(m, why);
	}
	buf_release(&uri);
	return ok;
}

/* A destination that cannot take the state ends, and says why; the source only that it failed. */
static void failed(struct migrate *m, struct buf *why)
{
	buf_addstr(why, "the migration failed");
	if (!vm_await_end(m->to))
		return;
	buf_addstr(why, "; the destination: ");
	vm_end_text(m->to, why);
}

/* An event about the move, or the end of QEMU; *done: it is completed. */
static bool look(struct migrate *m, struct vm *vm, int ms, bool *done, struct buf *why)
{
	enum qmp_result r = qmp_event(&vm->qmp, deadline_in(ms), "MIGRATION", NULL, NULL);
	char *status;
	bool bad;

	if (r == QMP_TIMEOUT)
		return true;
	if (!judge(vm, r, "migrate", why))
		return false;
	status = qmp_get(&vm->qmp, "status");
	*done = status && strcmp(status, "completed") == 0;
	bad = status && strcmp(status, "failed") == 0;
	free(status);
	if (bad)
		failed(m, why);
	return !bad;
}

bool migrate_step(struct migrate *m, int ms, struct buf *why)
{
	if (m->left)
		return m->arrived || look(m, m->to, ms, &m->arrived, why);
	if (!look(m, m->from, ms, &m->left, why))
		return false;
	if (!m->left || (m->way != MIGRATE_FILE && m->way != MIGRATE_EXEC))
		return true;
	return go(m->to, "migrate-incoming",
		  m->way == MIGRATE_FILE ? "file:" STEM ".state" : "exec:cat " STEM ".state", why);
}
