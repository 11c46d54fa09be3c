// SPDX-License-Identifier: GPL-2.0-or-later
/* file.c - -chardev file: what is sent is in the file; append, input-path, file descriptor sets */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases/chardev/host.h"

#define OUT	"c0.file"
#define OLD	"what an earlier run left here\n"
#define LONGER	"and so much more of it that what is sent now does not cover it: "
#define IN	"c0.input"
#define FDSET	17
#define SEED	41
#define UART	300
#define VIRTIO	20001
#define OLD_MAX 40000

static void file_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	bare_chardev(plan, "file,id=c0,path=" OUT "%s",
		     variant_is(v, "log", "append") ? ",append=on" : "");
}

/* More than what will be sent, so that a file that is only overwritten keeps some of it. */
static void leave_old(struct trial *t, struct buf *old)
{
	buf_addstr(old, OLD);
	while (old->len < OLD_MAX)
		buf_addstr(old, LONGER);
	host_file_make(t, OUT, old->data, old->len);
}

static size_t amount(const struct bare *b)
{
	return front_kind_is_virtio(b->front->kind) ? VIRTIO : UART;
}

CASE(file_writes, .id = "file.writes",
     .title = "what the device sends is in the file as soon as it has left the device, and nothing "
	      "else; append= decides what becomes of what was there",
     .clause = "qemu/qemu-options.hx -chardev file; qemu/qapi/char.json ChardevFile append",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", "log", NULL},
     .plan = file_plan)
{
	struct buf want = BUF_INIT, why = BUF_INIT;
	struct bare *b;
	size_t len;

	leave_old(t, &want);
	if (trial_is(t, "log", "truncate"))
		buf_clear(&want);
	b = trial_bare(t);
	len = amount(b);
	host_file_is(t, OUT, want.data, want.len);
	for (uint64_t seed = SEED; seed < SEED + 3; seed++) {
		host_payload(&want, seed, len);
		bare_send(b, b->front, want.data + want.len - len, len);
		host_file_is(t, OUT, want.data, want.len);
	}
	bare_silent(b, b->front);
	CHECK(t, vm_quit(&t->rig.vm, &why), "%s", why.data);
	host_file_is(t, OUT, want.data, want.len);
	buf_release(&want);
}

static const char *input_lacks(const struct variant *v, const struct caps *caps)
{
	(void)v;
	return caps_version_at_least(caps, 8, 1, 0)
		       ? NULL
		       : "-chardev file,input-path= is there from QEMU 8.1 on";
}

static void input_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	bare_chardev(plan, "file,id=c0,path=" OUT ",input-path=" IN);
}

/* chardev/char-fd.c fd_chr_read(): the end of the input is CHR_EVENT_CLOSED, for a virtio port that
 * its host has left. A UART goes on. */
CASE(file_input, .id = "file.input",
     .title = "the device gets what is in the input file, once; then it is told that its host has "
	      "left, and a UART's output still reaches the other file",
     .clause = "qemu/qemu-options.hx -chardev file input-path; qemu/chardev/char-fd.c "
	       "fd_chr_read()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", NULL},
     .lacks = input_lacks, .plan = input_plan)
{
	struct buf in = BUF_INIT, out = BUF_INIT;
	struct bare *b;
	size_t skipped;

	host_payload(&in, SEED, trial_is(t, "device", "isa-serial") ? UART : VIRTIO);
	host_file_make(t, IN, in.data, in.len);
	b = trial_bare(t);
	/* A driver begins with an empty receiver (FCR): the one byte that waited there is gone. */
	skipped = front_kind_is_virtio(b->front->kind) ? 0 : 1;
	bare_expect(b, b->front, in.data + skipped, in.len - skipped);
	bare_silent(b, b->front);
	if (front_kind_is_virtio(b->front->kind)) {
		bare_host_opened(b, b->front, false);
		return;
	}
	host_payload(&out, SEED + 1, UART);
	bare_send(b, b->front, out.data, out.len);
	host_file_is(t, OUT, out.data, out.len);
	host_file_is(t, IN, in.data, in.len);
	buf_release(&in);
	buf_release(&out);
}

static void fdset_plan(const struct variant *v, struct plan *plan)
{
	bare_plan(v, plan);
	bare_chardev(plan, "file,id=c0,path=/dev/fdset/%d%s", FDSET,
		     variant_is(v, "log", "append") ? ",append=on" : "");
}

/* Which of them can be written QEMU has to find out. */
static void add_fds(struct trial *t, int readable, int writable)
{
	CHECK(t, readable >= 0 && writable >= 0, "the trial's folder has no " OUT);
	t->plan.pass[t->plan.n_pass++] = readable;
	t->plan.pass[t->plan.n_pass++] = writable;
	for (int i = 0; i < t->plan.n_pass; i++) {
		strv_push(&t->plan.args, "-add-fd");
		strv_pushf(&t->plan.args, "fd=%d,set=%d", t->plan.pass[i], FDSET);
	}
}

/* util/osdep.c qemu_dup_flags(): the duplicate is cut off, and set to append, as a file that is
 * opened would be. */
CASE(file_fdset, .id = "file.fdset",
     .title =
	     "a file can be a descriptor that QEMU was given, of those in the set the one that can "
	     "be written; append= decides as for a name",
     .clause = "qemu/qemu-options.hx -add-fd; qemu/util/osdep.c qemu_dup_flags()",
     .level = LEVEL_MUST, .needs = NEEDS_QEMU, .axes = (const char *const[]){"device", "log", NULL},
     .plan = fdset_plan)
{
	struct buf want = BUF_INIT, why = BUF_INIT;
	struct bare *b;
	int readable, writable;

	leave_old(t, &want);
	if (trial_is(t, "log", "truncate"))
		buf_clear(&want);
	readable = open(OUT, O_RDONLY | O_CLOEXEC);
	writable = open(OUT, O_WRONLY | O_CLOEXEC);
	add_fds(t, readable, writable);
	b = trial_bare(t);
	host_payload(&want, SEED, UART);
	bare_send(b, b->front, want.data + want.len - UART, UART);
	host_file_is(t, OUT, want.data, want.len);
	CHECK(t, vm_quit(&t->rig.vm, &why), "%s", why.data);
	/* Ours is still open, and stands where QEMU left it. */
	CHECK(t, write(writable, "!", 1) == 1, "our descriptor cannot be written any more");
	buf_addstr(&want, "!");
	host_file_is(t, OUT, want.data, want.len);
	close(readable);
	close(writable);
	buf_release(&want);
}
