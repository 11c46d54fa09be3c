// SPDX-License-Identifier: GPL-2.0-or-later
/* bare.c - a machine without a guest, for cases of backends: plan, start, QEMU's own figures */
#include "harness/run/bare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/run/wire.h"

void bare_plan_machine(struct plan *plan)
{
	const struct target_config config = {.transport = TARGET_PCI_MODERN};

	target_qtest_plan_machine(&config, plan);
}

/* The next number of its kind; it is driven. */
static unsigned drive(struct plan *plan, const char *device)
{
	enum front_kind kind;
	unsigned nr = 0;

	if (!front_kind_parse(device, &kind))
		die("%s is no frontend that can be driven: cases.conf has to give this case others",
		    device);
	if (plan->n_fronts == PLAN_FRONTS)
		die("a plan holds at most %d frontends", PLAN_FRONTS);
	for (size_t i = 0; i < plan->n_fronts; i++) {
		enum front_kind other;

		nr += front_kind_parse(plan->fronts[i].device, &other) &&
		      (other == kind ||
		       (front_kind_is_virtio(kind) && front_kind_is_virtio(other)));
	}
	nr += front_kind_is_virtio(kind); /* port 0 is the first console's */
	plan->fronts[plan->n_fronts++] = (struct plan_front){.device = device, .nr = nr};
	return nr;
}

void bare_plan_made(struct plan *plan, const char *device)
{
	drive(plan, device);
}

void bare_plan_front(struct plan *plan, const char *device, const char *chardev)
{
	unsigned nr = drive(plan, device);
	enum front_kind kind;

	if (front_kind_parse(device, &kind) && front_kind_is_virtio(kind)) {
		if (nr == 1)
			strv_pushf(
				&plan->devices,
				"virtio-serial-pci,id=ser0,addr=0x%x,max_ports=%d,disable-legacy=on",
				TARGET_SLOT, FRONT_PORTS);
		strv_pushf(&plan->devices, "%s,bus=ser0.0,id=port%u,nr=%u,chardev=%s", device, nr,
			   nr, chardev);
	} else if (strcmp(device, "isa-debugcon") == 0) {
		strv_pushf(&plan->devices, "isa-debugcon,id=debugcon,chardev=%s", chardev);
	} else {
		strv_pushf(&plan->devices, "%s,id=uart%u,index=%u,chardev=%s", device, nr, nr,
			   chardev);
	}
}

void bare_plan(const struct variant *v, struct plan *plan)
{
	bare_plan_machine(plan);
	bare_plan_front(plan, variant_get(v, "device"), "c0");
}

void bare_chardev(struct plan *plan, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	strv_pushl(&plan->args, "-chardev", text, NULL);
	free(text);
}

static struct bare bare;

static void bare_release(void *arg)
{
	struct bare *b = arg;

	for (size_t i = 0; i < b->n_fronts; i++)
		front_release(&b->fronts[i]);
	front_bus_release(&b->bus);
}

static void start_fronts(struct bare *b)
{
	const struct plan *plan = &b->t->plan;
	struct buf why = BUF_INIT;
	unsigned ports = 0;

	for (size_t i = 0; i < plan->n_fronts; i++) {
		enum front_kind kind;

		if (front_kind_parse(plan->fronts[i].device, &kind) && front_kind_is_virtio(kind))
			ports = plan->fronts[i].nr;
	}
	if (ports)
		CHECK(b->t, front_bus_start(&b->bus, b->target, ports, &why), "%s", why.data);
	for (size_t i = 0; i < plan->n_fronts; i++) {
		enum front_kind kind;

		if (front_kind_parse(plan->fronts[i].device, &kind))
			front_start(&b->fronts[i], b->target, kind, plan->fronts[i].nr, &b->bus);
		b->n_fronts++;
	}
	b->front = &b->fronts[0];
	buf_release(&why);
}

struct bare *trial_bare(struct trial *t)
{
	struct target_config config = {.transport = TARGET_PCI_MODERN};

	if (bare.t)
		die("a trial has one machine");
	bare = (struct bare){.t = t, .rig = &t->rig};
	trial_defer(t, bare_release, &bare);
	bare.target = &trial_machine(t, &config)->base;
	start_fronts(&bare);
	rig_lap(&t->rig, "driver");
	return &bare;
}

struct chr *bare_adopt(struct bare *b, const char *id, int fd)
{
	struct stat st;
	bool is_socket = fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
	struct chr *c = rig_adopt_chr(b->rig, id, is_socket ? CHR_UNIX : CHR_PTY, fd);
	const char *fault = b->t->session->fault;

	if (fault && !chr_fault_parse(&c->fault, fault))
		die("no such fault: %s", fault);
	bare_did_adopt(b, c);
	return c;
}

struct chr *bare_open(struct bare *b, const char *id)
{
	struct chr *c = rig_chr(b->rig, id);
	struct buf why = BUF_INIT;

	if (!chr_is_open(c))
		bare_did(b, "open %s", id);
	CHECK(b->t, chr_is_open(c) || chr_open(c, deadline_in(BARE_MS), &why), "%s", why.data);
	buf_release(&why);
	return c;
}

/* ---- what QMP and /proc say */

/* @args: a JSON object, or NULL. */
static void run_qmp(struct bare *b, const char *command, const char *args)
{
	struct qmp *q = &b->rig->vm.qmp;
	struct deadline d = deadline_in(BARE_MS);

	trial_want_ok(b->t, b->rig,
		      args ? qmp_cmd(q, d, command, "%s", args) : qmp_cmd(q, d, command, NULL),
		      command);
}

void bare_qmp(struct bare *b, const char *command, const char *args_fmt, ...)
{
	char *args = NULL;
	va_list ap;

	if (args_fmt) {
		va_start(ap, args_fmt);
		args = xvasprintf(args_fmt, ap);
		va_end(ap);
	}
	bare_did_qmp(b, command, args);
	run_qmp(b, command, args);
	free(args);
}

void bare_plug(struct bare *b, const char *chardev)
{
	struct vcon *c = &b->bus.con;

	bare_qmp(b, "device_add",
		 "{\"driver\": \"virtserialport\", \"bus\": \"ser0.0\", \"id\": \"port1\", "
		 "\"nr\": 1, \"chardev\": \"%s\"}",
		 chardev);
	CHECK(b->t,
	      vcon_tell(c, 1, VC_PORT_READY, 1, NULL) && vcon_tell(c, 1, VC_PORT_OPEN, 1, NULL),
	      "the controller does not take control messages");
	front_bus_look(&b->bus);
}

void bare_unplug(struct bare *b, const char *id)
{
	bare_qmp(b, "device_del", "{\"id\": \"%s\"}", id);
	CHECK(b->t,
	      qmp_event(&b->rig->vm.qmp, deadline_in(BARE_MS), "DEVICE_DELETED", "device", id) ==
		      QMP_OK,
	      "no DEVICE_DELETED for the port");
}

char *bare_filename(struct bare *b, const char *id)
{
	char *filename;

	trial_want_ok(b->t, b->rig,
		      chr_told(&b->rig->vm.qmp, deadline_in(BARE_MS), id, "filename", &filename),
		      "query-chardev");
	CHECK(b->t, filename, "query-chardev gives no filename of %s", id);
	return filename;
}

struct naming {
	struct bare *b;
	const char *id, *text;
	bool without;
	char *filename;
};

static bool named(void *arg)
{
	struct naming *n = arg;

	free(n->filename);
	n->filename = bare_filename(n->b, n->id);
	return !strstr(n->filename, n->text) == n->without;
}

int bare_port(struct bare *b, const char *id)
{
	static const char host[] = ":127.0.0.1:";
	char *filename = bare_filename(b, id), *at = strstr(filename, host);
	int port = at ? (int)strtol(at + strlen(host), NULL, 10) : -1;

	free(filename);
	return port;
}

void bare_await_filename(struct bare *b, const char *id, const char *text, bool without)
{
	struct naming n = {.b = b, .id = id, .text = text, .without = without};

	bare_did(b, "qmp '{\"execute\": \"query-chardev\"}' # %s, %s \"%s\"", id,
		 without ? "without" : "with", text);
	CHECK(b->t, target_until(b->target, named, &n, BARE_MS),
	      "query-chardev says %s of %s, want one %s %s", n.filename, id,
	      without ? "without" : "with", text);
	free(n.filename);
}

unsigned long bare_memory(struct bare *b)
{
	char *path = xasprintf("/proc/%d/status", (int)b->rig->vm.pid);
	struct buf text = BUF_INIT;
	unsigned long kib = 0;
	const char *at;

	if (!buf_read_file(&text, path))
		die_errno("unable to read %s", path);
	at = strstr(text.data, "\nRssAnon:");
	if (!at || sscanf(at, "\nRssAnon: %lu kB", &kib) != 1)
		die("%s has no RssAnon", path);
	buf_release(&text);
	free(path);
	return kib;
}

unsigned bare_descriptors(struct bare *b)
{
	return footprint_descriptors(b->rig->vm.pid);
}

void bare_ended(struct bare *b, int status)
{
	struct vm *vm = &b->rig->vm;
	struct buf is = BUF_INIT, want = BUF_INIT;

	bare_did(b, "# here QEMU ends");
	b->target->on_end = NULL; /* its end is no surprise */
	vm->quit = true;
	vm->want_status = status;
	CHECK(b->t, vm_await_end(vm), "QEMU does not end");
	proc_status_text(&is, vm->proc.status);
	proc_status_text(&want, status);
	CHECK(b->t, vm->proc.status == status, "QEMU ended with %s, want %s", is.data, want.data);
	buf_release(&is);
	buf_release(&want);
}
