// SPDX-License-Identifier: GPL-2.0-or-later
/* rig.c - a plan brought up */
#include "harness/vm/rig.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/base/io.h"
#include "harness/host/chr_told.h"

#define RESTORE_MS 10000
#define QMP_MS	   5000
#define OPEN_MS	   5000
/* Behind OPEN_MS: a QEMU that is to say why a socket never came has mostly ended by then. */
#define LAST_WORDS_MS 200

void rig_init(struct rig *r, const struct vm_config *config, const struct plan *plan)
{
	*r = (struct rig){.plan = plan, .timings = BUF_INIT, .lap_ns = now_ns()};
	vm_init(&r->vm, config);
	for (size_t i = 0; i < plan->n_chrs; i++) {
		chr_init(&r->chrs[i], plan->chrs[i].id, plan->chrs[i].kind, plan->chrs[i].role);
		r->chrs[i].file_input = plan->chrs[i].file_input;
		r->chrs[i].options = plan->chrs[i].options;
		r->chrs[i].members = plan->chrs[i].members;
		if (plan->chrs[i].udp_form)
			chr_udp_form(&r->chrs[i], plan->chrs[i].udp_form);
		r->n_chrs++;
	}
}

void rig_release(struct rig *r)
{
	for (size_t i = 0; i < r->n_chrs; i++)
		chr_release(&r->chrs[i]);
	vm_release(&r->vm);
	buf_release(&r->timings);
}

void rig_lap(struct rig *r, const char *what)
{
	int64_t now = now_ns();

	buf_addf(&r->timings, "%s%s %.3f s", r->timings.len ? ", " : "", what,
		 (double)(now - r->lap_ns) / 1e9);
	r->lap_ns = now;
}

struct chr *rig_chr(struct rig *r, const char *id)
{
	for (size_t i = 0; i < r->n_chrs; i++)
		if (strcmp(r->chrs[i].id, id) == 0)
			return &r->chrs[i];
	die("the plan has no backend %s", id);
}

struct chr *rig_add_chr(struct rig *r, const char *id, enum chr_kind kind, enum chr_role role)
{
	for (size_t i = 0; i < r->n_chrs; i++)
		if (strcmp(r->chrs[i].id, id) == 0)
			return &r->chrs[i];
	if (r->n_chrs == PLAN_CHRS_MAX)
		die("a rig holds at most %d backends", PLAN_CHRS_MAX);
	chr_init(&r->chrs[r->n_chrs], id, kind, role);
	return &r->chrs[r->n_chrs++];
}

struct chr *rig_adopt_chr(struct rig *r, const char *id, enum chr_kind kind, int fd)
{
	struct chr *c = rig_add_chr(r, id, kind, CHR_QEMU_LISTENS);

	if (chr_is_open(c))
		die("host end %s is open", id);
	io_set_nonblock(fd);
	c->fd = fd;
	return c;
}

/* Append what the plan has behind the common command line. */
static void cold_argv(struct rig *r, struct strv *argv)
{
	for (size_t i = 0; i < r->n_chrs; i++) {
		struct buf text = BUF_INIT;

		if (!plan_is_early(r->plan, i))
			continue;
		chr_cmdline(&r->chrs[i], &text);
		strv_pushl(argv, "-chardev", text.data, NULL);
		buf_release(&text);
	}
	strv_append(argv, &r->plan->args);
	for (size_t i = 0; r->plan->cold && i < r->plan->devices.n; i++)
		strv_pushl(argv, "-device", r->plan->devices.v[i], NULL);
}

static bool qmp_ok(struct rig *r, enum qmp_result result, const char *command, struct buf *why)
{
	if (result != QMP_OK)
		vm_qmp_trouble(&r->vm, result, command, why);
	return result == QMP_OK;
}

/* While QEMU waits for the host end (wait=on), nothing else goes on in it, QMP included. That it
 * waits it says on stderr; one that goes on at once does not. */
static bool open_awaited(struct rig *r, struct chr *c, struct buf *why)
{
	struct buf detail = BUF_INIT;
	bool ok = true;

	if (c->role != CHR_QEMU_WAITS)
		return true;
	if (!vm_await_words(&r->vm, "QEMU waiting for connection on: ", deadline_in(OPEN_MS))) {
		buf_addf(why, "QEMU does not say that it waits on %s, though it has wait=on",
			 c->id);
		ok = false;
	} else if (!chr_open(c, deadline_in(OPEN_MS), &detail)) {
		buf_addf(why, "QEMU waits on %s, but: %s", c->id, detail.data);
		ok = false;
	}
	buf_release(&detail);
	return ok;
}

/* What only QEMU knows of its backends: the port it chose, the pty it got. */
static bool learn(struct rig *r, bool early, struct buf *why)
{
	for (size_t i = 0; i < r->n_chrs; i++) {
		struct chr *c = &r->chrs[i];
		char *filename;
		bool ok;

		if (!chr_needs_learning(c) || (early && !plan_is_early(r->plan, i)))
			continue;
		if (!qmp_ok(r,
			    chr_told(&r->vm.qmp, deadline_in(QMP_MS), c->id, "filename", &filename),
			    "query-chardev", why))
			return false;
		ok = filename && chr_learn(c, filename);
		if (!ok)
			buf_addf(why, "query-chardev does not tell where %s is: %s", c->id,
				 filename ? filename : "(no such chardev)");
		free(filename);
		if (!ok)
			return false;
	}
	return true;
}

/* chardev-add takes a descriptor by the name that getfd gave it. */
static bool hand_over_fd(struct rig *r, const struct chr *c, struct buf *why)
{
	return c->pass_fd < 0 || qmp_ok(r,
					qmp_cmd_fd(&r->vm.qmp, deadline_in(QMP_MS), c->pass_fd,
						   "getfd", "{\"fdname\": \"%s\"}", c->id),
					"getfd", why);
}

bool rig_plug_chr(struct rig *r, struct chr *c, struct buf *why)
{
	struct qmp *q = &r->vm.qmp;
	struct buf args = BUF_INIT;
	bool ok;

	chr_qmp(c, &args);
	ok = hand_over_fd(r, c, why) &&
	     qmp_ok(r, qmp_send(q, deadline_in(QMP_MS), "chardev-add", "%s", args.data),
		    "chardev-add", why) &&
	     open_awaited(r, c, why) &&
	     qmp_ok(r, qmp_answer(q, deadline_in(QMP_MS)), "chardev-add", why);
	buf_release(&args);
	return ok;
}

/* QEMU removes the socket of the old one behind making that of the new: they are two files. */
bool rig_change_chr(struct rig *r, const char *id, struct buf *why)
{
	struct chr *now = rig_chr(r, id), *next;
	char *spare = xasprintf("%s-spare", id), *name;
	struct buf backend = BUF_INIT;
	bool ok;

	next = rig_add_chr(r, spare, now->kind, now->role);
	free(spare);
	chr_qmp_backend(next, &backend);
	ok = qmp_ok(r,
		    qmp_cmd(&r->vm.qmp, deadline_in(QMP_MS), "chardev-change",
			    "{\"id\": \"%s\", \"backend\": %s}", id, backend.data),
		    "chardev-change", why);
	buf_release(&backend);
	if (!ok)
		return false;
	chr_close(now);
	name = now->id;
	now->id = next->id;
	next->id = name;
	return true;
}

bool rig_plug_device(struct rig *r, const char *device, struct buf *why)
{
	struct buf args = BUF_INIT;
	bool ok;

	plan_device_json(&args, device);
	ok = qmp_ok(r, qmp_cmd(&r->vm.qmp, deadline_in(QMP_MS), "device_add", "%s", args.data),
		    "device_add", why);
	buf_release(&args);
	return ok;
}

static bool plug_all(struct rig *r, struct buf *why)
{
	for (size_t i = 0; i < r->n_chrs; i++)
		if (!plan_is_early(r->plan, i) && !rig_plug_chr(r, &r->chrs[i], why))
			return false;
	for (size_t i = 0; i < r->plan->devices.n; i++)
		if (!rig_plug_device(r, r->plan->devices.v[i], why))
			return false;
	return learn(r, false, why);
}

/* Start QEMU, restoring @warm or cold; when it answers, what is on its command line is there. */
static bool start(struct rig *r, const struct warm *warm, struct buf *why)
{
	struct strv extra = {NULL, 0};
	int pass[PLAN_CHRS_MAX + PLAN_PASS_MAX + 1], n_pass = 0, state = -1;
	bool ok;

	cold_argv(r, &extra);
	for (size_t i = 0; i < r->n_chrs; i++)
		if (plan_is_early(r->plan, i) && r->chrs[i].pass_fd >= 0)
			pass[n_pass++] = r->chrs[i].pass_fd;
	for (int i = 0; i < r->plan->n_pass; i++)
		pass[n_pass++] = r->plan->pass[i];
	if (warm) {
		state = warm_argv(warm, r->vm.config.caps, &extra);
		pass[n_pass++] = state;
	}
	ok = vm_launch(&r->vm, &extra, pass, n_pass, why);
	io_close(&state);
	strv_release(&extra);
	for (size_t i = 0; ok && i < r->n_chrs; i++)
		ok = !plan_is_early(r->plan, i) || open_awaited(r, &r->chrs[i], why);
	/* QEMU's own words beat ours about a socket that never came. */
	if (!ok && r->vm.proc.pid && proc_wait(&r->vm.proc, deadline_in(LAST_WORDS_MS))) {
		buf_clear(why);
		vm_end_text(&r->vm, why);
	}
	ok = ok && vm_connect(&r->vm, why);
	rig_lap(r, "start");
	return ok;
}

bool rig_ready(struct rig *r, struct buf *why)
{
	if (!vm_await_boot(&r->vm, deadline_in(VM_BOOT_MS), why))
		return false;
	rig_lap(r, "boot");
	if (!vm_ssh(&r->vm, why))
		return false;
	rig_lap(r, "ssh");
	return true;
}

bool rig_up(struct rig *r, const struct warm *warm, struct buf *why)
{
	r->lap_ns = now_ns();
	if (!start(r, warm, why) || !learn(r, true, why))
		return false;
	if (r->plan->at_boot)
		return true;
	if (r->vm.config.image) {
		if (warm ? !vm_await_restore(&r->vm, deadline_in(RESTORE_MS), why)
			 : !vm_await_boot(&r->vm, deadline_in(VM_BOOT_MS), why))
			return false;
		rig_lap(r, warm ? "restore" : "boot");
	}
	if (!r->plan->cold) {
		if (!plug_all(r, why))
			return false;
		rig_lap(r, "plug");
	}
	if (r->vm.config.image) {
		if (!vm_ssh(&r->vm, why))
			return false;
		rig_lap(r, "ssh");
	}
	return true;
}
