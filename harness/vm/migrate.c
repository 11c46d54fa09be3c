// SPDX-License-Identifier: GPL-2.0-or-later
/* migrate.c - a guest moves from one QEMU to another */
#include "harness/vm/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/host/program.h"

#define QMP_MS 10000
#define STEM   "migration"
#define SOCKET STEM ".sock"
#define STATE  STEM ".state"
#define PAUSED "pre-switchover"
/* A quarter of what QEMU asks for at once (IO_BUF_SIZE in qemu/migration/qemu-file.c). */
#define PIECE 8192

static const char *const ways[] = {"unix", "tcp", "file", "fd", "exec", "socat", "slow"};

bool migrate_way_parse(const char *name, enum migrate_way *way)
{
	for (unsigned int i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		*way = (enum migrate_way)i;
		if (strcmp(ways[i], name) == 0)
			return true;
	}
	return false;
}

const char *migrate_lacks(enum migrate_way way)
{
	char *path = way == MIGRATE_SOCAT ? program_path("socat") : NULL;
	bool lacks = way == MIGRATE_SOCAT && !path;

	free(path);
	return lacks ? "there is no socat (Debian: socat; make deps)" : NULL;
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

static void make_pair(int pair[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		die_errno("socketpair");
}

/* The two get descriptors of their own; ours are closed. */
static bool go_by_fds(struct migrate *m, int from, int to, struct buf *why)
{
	bool ok = hand_over(m->to, to, why) && hand_over(m->from, from, why) &&
		  go(m->to, "migrate-incoming", "fd:" STEM, why) &&
		  go(m->from, "migrate", "fd:" STEM, why);

	io_close(&from);
	io_close(&to);
	return ok;
}

static bool begin_fd(struct migrate *m, struct buf *why)
{
	int pair[2];

	make_pair(pair);
	return go_by_fds(m, pair[0], pair[1], why);
}

static bool begin_slow(struct migrate *m, struct buf *why)
{
	int in[2], out[2];

	make_pair(in);
	make_pair(out);
	m->in = in[0];
	m->out = out[0];
	io_set_nonblock(m->in);
	return go_by_fds(m, in[1], out[1], why);
}

/* To or from the file. What had no "file:" took one behind "fd:", which from 11 on it refuses. */
static bool go_by_file(struct vm *vm, const char *command, int flags, struct buf *why)
{
	int fd;
	bool ok;

	if (caps_version_at_least(vm->config.caps, 8, 2, 0))
		return go(vm, command, "file:" STATE, why);
	fd = open(STATE, flags | O_CLOEXEC, 0600);
	if (fd < 0)
		die_errno("unable to open the file for the guest's state");
	ok = hand_over(vm, fd, why) && go(vm, command, "fd:" STEM, why);
	io_close(&fd);
	return ok;
}

bool migrate_begin(struct migrate *m, struct vm *from, struct vm *to, enum migrate_way way,
		   struct buf *why)
{
	struct buf uri = BUF_INIT;
	bool ok;

	*m = (struct migrate){.from = from, .to = to, .way = way, .in = -1, .out = -1};
	if (!prepare(from, why) || !prepare(to, why))
		return false;
	qmp_forget_events(&from->qmp);
	switch (way) {
	case MIGRATE_UNIX:
		ok = go(to, "migrate-incoming", "unix:" SOCKET, why) &&
		     go(from, "migrate", "unix:" SOCKET, why);
		break;
	case MIGRATE_TCP:
		ok = go(to, "migrate-incoming", "tcp:127.0.0.1:0", why) && tcp_uri(to, &uri, why) &&
		     go(from, "migrate", uri.data, why);
		break;
	case MIGRATE_FILE: /* the destination reads it once it is whole */
		ok = go_by_file(from, "migrate", O_RDWR | O_CREAT | O_TRUNC, why);
		break;
	case MIGRATE_EXEC:
		ok = go(from, "migrate", "exec:cat >" STATE, why);
		break;
	case MIGRATE_SOCAT: /* the second comes again until the first listens */
		ok = go(to, "migrate-incoming",
			"exec:socat -u UNIX-LISTEN:" SOCKET ",unlink-early STDOUT", why) &&
		     go(from, "migrate",
			"exec:socat -u STDIN UNIX-CONNECT:" SOCKET ",retry=1000,interval=0.01",
			why);
		break;
	case MIGRATE_SLOW:
		ok = begin_slow(m, why);
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
	m->paused = m->paused || (status && strcmp(status, PAUSED) == 0);
	free(status);
	if (bad)
		failed(m, why);
	return !bad;
}

static void hang_up(struct migrate *m)
{
	io_close(&m->in);
	io_close(&m->out);
}

/* The destination has read all of it, waits for more, and has done what else there was to do. */
static bool taken(struct migrate *m, struct deadline d)
{
	int left = 0;

	while (ioctl(m->out, SIOCOUTQ, &left) == 0 && left > 0) {
		if (deadline_passed(d))
			return false;
		sched_yield();
	}
	return vm_await_rest(m->to, d);
}

/* For so long. What an end of either means, its QMP tells. */
static bool hand_on(struct migrate *m, int ms, struct buf *why)
{
	struct deadline d = deadline_in(ms);
	unsigned char piece[PIECE];

	while (m->in >= 0 && !deadline_passed(d) && io_wait(m->in, POLLIN, d)) {
		ssize_t n = read(m->in, piece, sizeof(piece));

		if (n < 0 && errno == EAGAIN)
			continue;
		if (n <= 0 || send(m->out, piece, (size_t)n, MSG_NOSIGNAL) != n) {
			hang_up(m);
		} else if (!taken(m, deadline_in(QMP_MS))) {
			buf_addstr(why, "the destination does not read on");
			return false;
		}
	}
	return true;
}

/* What is read once it is whole. */
static bool begin_to_read(struct migrate *m, struct buf *why)
{
	m->read = true;
	if (m->way == MIGRATE_FILE)
		return go_by_file(m->to, "migrate-incoming", O_RDONLY, why);
	return m->way != MIGRATE_EXEC || go(m->to, "migrate-incoming", "exec:cat " STATE, why);
}

static bool step(struct migrate *m, int ms, struct buf *why)
{
	if (m->paused)
		return true;
	if (!m->left)
		return look(m, m->from, ms, &m->left, why);
	if (!m->read)
		return begin_to_read(m, why);
	return m->arrived || look(m, m->to, ms, &m->arrived, why);
}

bool migrate_step(struct migrate *m, int ms, struct buf *why)
{
	bool ok = hand_on(m, ms, why) && step(m, m->in >= 0 ? 0 : ms, why);

	if (!ok || m->arrived)
		hang_up(m);
	return ok;
}

bool migrate_continue(struct migrate *m, struct buf *why)
{
	m->paused = false;
	return judge(m->from,
		     qmp_cmd(&m->from->qmp, deadline_in(QMP_MS), "migrate-continue",
			     "{\"state\": \"" PAUSED "\"}"),
		     "migrate-continue", why);
}
