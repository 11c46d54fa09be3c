// SPDX-License-Identifier: GPL-2.0-or-later
/* refusal.c - a QEMU that must not start */
#include "harness/vm/refusal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "harness/base/die.h"

#define END_MS 10000

bool refusal_is(const char *line, const char *message)
{
	size_t name = strcspn(line, ": ");

	return name && strncmp(line + name, ": ", 2) == 0 && strcmp(line + name + 2, message) == 0;
}

/* Wait until QEMU has ended, or has started, which only one that goes on to run can: its monitor
 * answers from the main loop. */
static bool see_end(struct vm *vm, struct refusal *r, struct buf *why)
{
	struct buf ignored = BUF_INIT;

	if (vm_connect(vm, &ignored)) {
		r->started = true;
		vm_quit(vm, &ignored); /* how it ends then is judged by its status */
	}
	buf_release(&ignored);
	if (!vm_await_end(vm)) {
		buf_addstr(why, "QEMU neither opens its monitor nor ends");
		return false;
	}
	r->status = vm->proc.status;
	return true;
}

/* With -daemonize what was started has ended, and QEMU is in the background. */
static void end_background(pid_t pid)
{
	struct proc left;

	if (!proc_adopt(&left, pid, deadline_in(END_MS)))
		return;
	proc_wait(&left, deadline_in(END_MS)); /* it was told to */
	proc_release(&left);
}

bool refusal_run(struct refusal *r, const struct vm_config *config, const struct strv *args,
		 struct buf *why)
{
	struct vm vm;
	bool ok;

	*r = (struct refusal){.out = BUF_INIT, .err = BUF_INIT};
	vm_init(&vm, config);
	proc_adopt_orphans();
	ok = vm_launch(&vm, args, NULL, 0, why) && see_end(&vm, r, why);
	if (r->started)
		end_background(vm.pid);
	vm_release(&vm);
	if (ok && (!buf_read_file(&r->out, VM_OUT) || !buf_read_file(&r->err, VM_ERR)))
		die_errno("unable to read %s, %s", VM_OUT, VM_ERR);
	return ok;
}

void refusal_release(struct refusal *r)
{
	buf_release(&r->out);
	buf_release(&r->err);
}

bool refusal_judge(const struct vm_config *config, const struct strv *args, const char *message,
		   struct buf *why)
{
	struct refusal r;
	char *last;
	bool ok = refusal_run(&r, config, args, why);

	if (ok && r.started) {
		buf_addf(why, "QEMU starts, though it should refuse with: %s", message);
		ok = false;
	} else if (ok) {
		last = text_last_line(r.err.data);
		ok = WIFEXITED(r.status) && WEXITSTATUS(r.status) == 1 && refusal_is(last, message);
		if (!ok) {
			buf_addstr(why, "QEMU ended: ");
			proc_status_text(why, r.status);
			buf_addf(why, "; its last words: %s; want exit status 1 and: %s", last,
				 message);
		}
		free(last);
	}
	refusal_release(&r);
	return ok;
}
