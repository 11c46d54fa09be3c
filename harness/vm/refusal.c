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

static bool judge_end(struct vm *vm, const char *message, struct buf *why)
{
	struct buf err = BUF_INIT;
	char *last;
	bool ok;

	if (!proc_wait(&vm->proc, deadline_in(END_MS))) {
		buf_addf(why, "QEMU starts, though it should refuse with: %s", message);
		return false;
	}
	if (!buf_read_file(&err, VM_ERR))
		die_errno("unable to read %s", VM_ERR);
	last = text_last_line(err.data);
	ok = WIFEXITED(vm->proc.status) && WEXITSTATUS(vm->proc.status) == 1 &&
	     refusal_is(last, message);
	if (!ok) {
		vm_end_text(vm, why);
		buf_addf(why, "; want exit status 1 and: %s", message);
	}
	free(last);
	buf_release(&err);
	return ok;
}

bool refusal_judge(const struct vm_config *config, const struct strv *args, const char *message,
		   struct buf *why)
{
	struct vm vm;
	bool ok;

	vm_init(&vm, config);
	ok = vm_launch(&vm, args, NULL, 0, why) && judge_end(&vm, message, why);
	vm_release(&vm);
	return ok;
}
