// SPDX-License-Identifier: GPL-2.0-or-later
/* shell.c - ports used by hand, with what any guest has: a shell and cat */
#include <stdlib.h>
#include <string.h>

#include "cases/ports/ports.h"
#include "harness/run/traffic.h"

#define NODE_1	   PORTS_LINKS "org.chardev-check.port.1"
#define NODE_2	   PORTS_LINKS "org.chardev-check.port.2"
#define OPEN_MS	   5000
#define GUEST_MS   10000
#define EVENT_MS   5000
#define FILE_BYTES ((1 << 20) + 1)
#define SEED	   5

static void shell_plan(const struct variant *v, struct plan *plan)
{
	(void)v;
	plan_add_chr(plan, "c1", CHR_UNIX, CHR_QEMU_LISTENS);
	plan_add_chr(plan, "c2", CHR_TCP, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, "virtio-serial-pci,id=ser0");
	strv_push(&plan->devices, "virtserialport,bus=ser0.0,nr=1,chardev=c1,id=port1,"
				  "name=org.chardev-check.port.1");
	strv_push(&plan->devices, "virtserialport,bus=ser0.0,nr=2,chardev=c2,id=port2,"
				  "name=org.chardev-check.port.2");
}

static struct chr *connect_host(struct trial *t, const char *id)
{
	struct chr *c = rig_chr(&t->rig, id);
	struct buf why = BUF_INIT;

	CHECK(t, chr_open(c, deadline_in(OPEN_MS), &why), "the host end of %s: %s", id, why.data);
	return c;
}

/* QEMU sees the host's end of port @id open, and the guest's as @guest says. */
static void check_state(struct trial *t, const char *id, bool guest, const char *when)
{
	struct port_told port;

	CHECK(t, port_told(&t->rig.vm.qmp, deadline_in(OPEN_MS), id, &port),
	      "info qtree does not show %s", id);
	CHECK(t, port.guest == guest && port.host, "%s QEMU shows %s as guest %s, host %s", when,
	      id, port.guest ? "on" : "off", port.host ? "on" : "off");
}

static void expect_event(struct trial *t, const char *open)
{
	struct qmp *q = &t->rig.vm.qmp;
	char *is;

	CHECK(t, qmp_event(q, deadline_in(EVENT_MS), "VSERPORT_CHANGE", "id", "port1") == QMP_OK,
	      "no event VSERPORT_CHANGE for port1 that says open=%s", open);
	is = qmp_get(q, "open");
	CHECK(t, is && strcmp(is, open) == 0, "VSERPORT_CHANGE says open=%s, want %s",
	      is ? is : "(nothing)", open);
	free(is);
}

static char *guest_say(struct guest_cmd *c, const char *line, const char *until)
{
	char *said = NULL;

	buf_clear(&c->out);
	if (guest_send(c, line, strlen(line), deadline_in(GUEST_MS)) &&
	    guest_wait_out(c, until, deadline_in(GUEST_MS)))
		said = xstrdup(c->out.data);
	return said;
}

/* One line to a shell in the guest; what it says, "done STATUS end" last. */
static void shell(struct trial *t, struct guest_cmd *c, const char *line, const char *want)
{
	char *command = xasprintf("%s; echo done $? end\n", line);
	char *said = guest_say(c, command, " end\n");

	CHECK(t, said, "in the guest: %s: %s", line, c->guest->error.data);
	CHECK(t, strstr(said, want), "in the guest: %s: says \"%s\", want \"%s\"", line, said,
	      want);
	free(said);
	free(command);
}

static void line_each_way(struct trial *t, struct chr *host, struct guest_cmd *sh)
{
	char got[] = "back again\n";
	size_t n;

	CHECK(t, chr_write_all(host, "there\n", 6, deadline_in(OPEN_MS)) == 6,
	      "the host end takes no line");
	shell(t, sh, "read -r l <&3; echo \"<$l>\"; echo 'back again' >&3", "<there>\ndone 0 end");
	memset(got, 0, sizeof(got) - 1);
	n = chr_read_exact(host, got, sizeof(got) - 1, deadline_in(OPEN_MS));
	CHECK(t, strcmp(got, "back again\n") == 0, "%zu bytes came from the guest: %s", n, got);
}

CASE(one_opener, .id = "ports.one-opener",
     .title = "a port that is open cannot be opened again until it is closed; who has it does not "
	      "notice, and the host is told of opening and closing only",
     .clause = "linux/drivers/char/virtio_console.c port_fops_open() EBUSY; "
	       "virtio-1.2/console/device-operation/multiport PORT_OPEN; qapi/char.json "
	       "VSERPORT_CHANGE",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = shell_plan)
{
	static const char *const modes[] = {"<", ">", "<>"};
	struct guest *g = &trial_rig(t)->vm.guest;
	struct guest_cmd *sh = xcalloc(1, sizeof(*sh));
	struct chr *host;

	ports_await(t, NODE_1);
	host = connect_host(t, "c1");
	check_state(t, "port1", false, "before it is opened");
	CHECK(t, guest_start(g, sh, deadline_in(GUEST_MS), "exec 2>&1; sh"), "%s", g->error.data);
	shell(t, sh, "exec 3<>" NODE_1, "done 0 end");
	expect_event(t, "true");
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		char *again = xasprintf("sh -c 'exec 4%s" NODE_1 "'", modes[i]);

		shell(t, sh, again, "resource busy\ndone ");
		free(again);
	}
	check_state(t, "port1", true, "after opening it again was refused");
	line_each_way(t, host, sh);
	shell(t, sh, "exec 3>&-", "done 0 end");
	expect_event(t, "false");
	check_state(t, "port1", false, "after it was closed");
	shell(t, sh, "exec 3<>" NODE_1, "done 0 end");
	expect_event(t, "true");
	line_each_way(t, host, sh);
	guest_cmd_release(sh);
	free(sh);
}

static void cat_repro(const struct variant *v, struct buf *b)
{
	(void)v;
	buf_addf(b,
		 "payload %d %d >sent\n"
		 "connect c1 <sent >unused &\n"
		 "connect c2 </dev/null >received &\n"
		 "sleep 1 # both hosts are there\n"
		 "guest 'cat " NODE_1 " >" NODE_2 "' </dev/null &\n"
		 "for i in 1 2 3 4 5 6 7 8 9; do # what is on its way\n"
		 "\t[ \"$(wc -c <received)\" -ge %d ] || sleep 0.5\ndone\n"
		 "cmp sent received && echo 'the same bytes came'\n",
		 SEED, FILE_BYTES, FILE_BYTES);
}

CASE(cat_joins, .id = "ports.cat",
     .title = "cat in the guest joins two ports: what one host sends the other gets, and when the "
	      "one goes cat ends",
     .clause = "virtio-1.2/console/device-operation/1; "
	       "linux/drivers/char/virtio_console.c port_fops_read(): 0 without a host",
     .level = LEVEL_MUST, .needs = NEEDS_GUEST, .plan = shell_plan, .repro = cat_repro)
{
	struct guest *g = &trial_rig(t)->vm.guest;
	struct guest_cmd *cat = xcalloc(1, sizeof(*cat));
	struct chr *from = connect_host(t, "c1"), *to = connect_host(t, "c2");
	struct pump out, in, *const pumps[] = {&out, &in};
	struct buf why = BUF_INIT;
	struct payload file;
	enum pump_end end;
	size_t which = 0;

	ports_await(t, NODE_2);
	check_state(t, "port1", false, "with its host connected");
	check_state(t, "port2", false, "with its host connected");
	payload_init(&file, SEED, FILE_BYTES);
	pump_init(&out, from, &file, NULL);
	pump_init(&in, to, NULL, &file);
	CHECK(t, guest_start(g, cat, deadline_in(GUEST_MS), "cat " NODE_1 " >" NODE_2), "%s",
	      g->error.data);
	end = pump_run_all(pumps, 2, &which);
	CHECK(t, end == PUMP_DONE, "%s: %s", which ? "to the second host" : "from the first host",
	      pump_end_text(end));
	chr_close(from);
	CHECK(t, guest_wait(cat, deadline_in(GUEST_MS)), "cat does not end with its host: %s",
	      g->error.data);
	CHECK(t, cat->status == 0, "cat ends with status %d: %s", cat->status, cat->err.data);
	if (!t->session->keep_guest) {
		CHECK(t, vm_quit(&t->rig.vm, &why), "%s", why.data);
		CHECK(t, pump_drain(&in, deadline_in(OPEN_MS)),
		      "the host end stays open without QEMU");
	}
	CHECK(t, damage_report(&in.damage, &why), "through the guest: %s", why.data);
	guest_cmd_release(cat);
	free(cat);
	pump_release(&in);
	pump_release(&out);
	payload_release(&file);
}
