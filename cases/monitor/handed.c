// SPDX-License-Identifier: GPL-2.0-or-later
/* handed.c - a connection that is handed over, cut by yank, told by QOM; a break by command */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cases/monitor/monitor.h"

#define SOME 300

static void socket_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	plan_add_chr(plan, "c0", CHR_UNIX, CHR_QEMU_LISTENS);
}

/* getfd under @name; the other end of the socket, ours. */
static int hand_over(struct bare *b, const char *name)
{
	int fds[2];

	CHECK(b->t, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0,
	      "socketpair fails");
	monitor_hand_over(b, fds[1], name);
	return fds[0];
}

static void moves(struct bare *b, struct chr *c)
{
	struct stream s = stream_plain(c);

	bare_host_opened(b, b->front, true);
	bare_exchange(b, b->front, &s, SOME, SOME);
}

CASE(monitor_add_client, .id = "monitor.add-client",
     .title = "a connection handed over by getfd and add_client is the chardev's; while it has one "
	      "another is refused",
     .clause = "qapi/misc.json add_client, getfd", .level = LEVEL_MUST, .needs = NEEDS_QEMU,
     .axes = (const char *const[]){"device", NULL}, .plan = socket_plan)
{
	static const char args[] = "{'protocol': 'c0', 'fdname': 'peer'}";
	struct bare *b = trial_bare(t);
	struct stream s;
	struct chr *c;
	unsigned descriptors;
	int unused;

	c = bare_adopt(b, "handed", hand_over(b, "peer"));
	bare_qmp(b, "add_client", "{\"protocol\": \"c0\", \"fdname\": \"peer\"}");
	moves(b, c);
	descriptors = bare_descriptors(b);
	unused = hand_over(b, "peer");
	CHECK(t, monitor_cmd(b, "add_client", args) == QMP_ERROR, "a second client is taken");
	CHECK(t, strcmp(b->rig->vm.qmp.error_desc.data, "failed to add client") == 0,
	      "add_client says: %s", b->rig->vm.qmp.error_desc.data);
	close(unused);
	bare_settle(b);
	CHECK(t, bare_descriptors(b) == descriptors,
	      "QEMU had %u descriptors, and %u after a client was refused", descriptors,
	      bare_descriptors(b));
	moves(b, c);
	chr_close(c);
	bare_host_opened(b, b->front, false);
	bare_await_filename(b, "c0", "disconnected:", false);
	c = bare_open(b, "c0"); /* it still listens */
	moves(b, c);
	s = stream_plain(c);
	bare_host_silent(b, &s);
}

static bool has_yank(struct bare *b)
{
	bare_qmp(b, "query-yank", NULL);
	return qmp_find(&b->rig->vm.qmp, "", "id", "c0") >= 0;
}

CASE(monitor_yank, .id = "monitor.yank",
     .title = "yank cuts a socket chardev's connection, after which the next one is taken",
     .clause = "qapi/yank.json; chardev/char-socket.c char_socket_yank_iochannel()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL},
     .plan = socket_plan)
{
	struct bare *b = trial_bare(t);
	struct chr *c = bare_open(b, "c0");
	struct stream s = stream_plain(c);

	moves(b, c);
	CHECK(t, has_yank(b), "query-yank does not know c0: %s", b->rig->vm.qmp.answer.data);
	bare_qmp(b, "yank", "{\"instances\": [{\"type\": \"chardev\", \"id\": \"c0\"}]}");
	bare_host_eof(b, &s);
	bare_await_filename(b, "c0", "disconnected:", false);
	bare_host_opened(b, b->front, false);
	chr_close(c);
	/* Nothing to cut is no error. */
	bare_qmp(b, "yank", "{\"instances\": [{\"type\": \"chardev\", \"id\": \"c0\"}]}");
	moves(b, bare_open(b, "c0"));
}

static char *qom(struct bare *b, const char *property)
{
	bare_qmp(b, "qom-get", "{\"path\": \"/chardevs/c0\", \"property\": \"%s\"}", property);
	return qmp_get(&b->rig->vm.qmp, "");
}

static void check_connected(struct bare *b, const char *want)
{
	char *is = qom(b, "connected");

	CHECK(b->t, is && strcmp(is, want) == 0, "connected is %s, not %s", is ? is : "(nothing)",
	      want);
	free(is);
}

CASE(monitor_qom, .id = "monitor.qom",
     .title =
	     "a chardev is a child of /chardevs, of its type; a socket's connected follows its peer",
     .clause = "chardev/char.c get_chardevs_root(); char-socket.c char_socket_class_init()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL},
     .plan = socket_plan)
{
	struct bare *b = trial_bare(t);
	struct qmp *q = &b->rig->vm.qmp;
	struct chr *c;
	char *type, *path;
	int at;

	bare_qmp(b, "qom-list", "{\"path\": \"/chardevs\"}");
	at = qmp_find(q, "", "name", "c0");
	CHECK(t, at >= 0, "/chardevs has no c0: %s", q->answer.data);
	path = xasprintf("%d.type", at);
	type = qmp_get(q, path);
	CHECK(t, strcmp(type, "child<chardev-socket>") == 0, "c0 is a %s", type);
	check_connected(b, "false");
	c = bare_open(b, "c0");
	bare_host_opened(b, b->front, true);
	check_connected(b, "true");
	free(qom(b, "addr"));
	chr_close(c);
	bare_await_filename(b, "c0", "disconnected:", false);
	check_connected(b, "false");
	free(type);
	free(path);
}

CASE(monitor_break, .id = "monitor.break",
     .title = "chardev-send-break is a break on a serial port, once, and nothing on a virtio port",
     .clause = "qapi/char.json chardev-send-break; hmp-commands.hx", .level = LEVEL_MUST,
     .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", "monitor", NULL},
     .plan = socket_plan)
{
	struct bare *b = trial_bare(t);
	bool hmp = trial_is(t, "monitor", "hmp");
	struct stream s = stream_plain(bare_open(b, "c0"));

	moves(b, s.chr);
	for (int i = 0; i < 2; i++) {
		if (hmp)
			free(monitor_hmp(b, "chardev-send-break c0"));
		else
			bare_qmp(b, "chardev-send-break", "{\"id\": \"c0\"}");
		/* A UART receives a break as a zero (16550A data sheet, LSR bit 4). */
		if (b->front->kind == FRONT_ISA_SERIAL)
			bare_expect(b, b->front, "", 1);
		bare_silent(b, b->front);
	}
	bare_host_silent(b, &s);
	moves(b, s.chr);
}
