// SPDX-License-Identifier: GPL-2.0-or-later
/* hvc.c - a virtconsole as the guest sees it */
#include "cases/console/hvc.h"

#include <stdlib.h>
#include <string.h>

#define DEBUGFS "/sys/kernel/debug/virtio-ports/"

char *hvc_guest(struct trial *t, const char *fmt, ...)
{
	struct guest *g = &trial_rig(t)->vm.guest;
	struct buf out = BUF_INIT;
	va_list ap;
	char *line;

	va_start(ap, fmt);
	line = xvasprintf(fmt, ap);
	va_end(ap);
	trial_note(t, "guest: %s", line);
	/* In a shell below the session's leader: whose controlling terminal it would become. */
	CHECK(t, guest_run(g, &out, deadline_in(HVC_MS), "(%s); exit $?", line) == 0,
	      "in the guest: %s: %s", line, g->error.data);
	free(line);
	if (out.len && out.data[out.len - 1] == '\n')
		out.data[--out.len] = '\0';
	return buf_steal(&out);
}

char *hvc_vport(struct trial *t, const char *name)
{
	struct helper *there =
		helper_start(t, "wait-path /dev/virtio-ports/%s --timeout-ms %d", name, HVC_MS);
	char *path;

	helper_finish(there, HVC_MS + HVC_MS / 2);
	path = hvc_guest(t, "basename $(readlink /dev/virtio-ports/%s)", name);
	CHECK(t, strncmp(path, "vport", 5) == 0, "the link of %s points to %s", name, path);
	return path;
}

char *hvc_debugfs(struct trial *t, const char *vport, const char *key)
{
	return hvc_guest(t, "sed -n 's/^%s: //p' " DEBUGFS "%s", key, vport);
}

struct chr *hvc_open(struct trial *t, const char *id)
{
	struct chr *chr = rig_chr(trial_rig(t), id);
	struct buf why = BUF_INIT;

	CHECK(t, chr_open(chr, deadline_in(HVC_MS), &why), "the host end of %s: %s", id, why.data);
	return chr;
}

void hvc_say(struct trial *t, struct chr *chr, const char *text)
{
	size_t len = strlen(text);

	CHECK(t, chr_write_all(chr, text, len, deadline_in(HVC_MS)) == len,
	      "the host end of %s does not take \"%s\"", chr->id, text);
}

void hvc_hear(struct trial *t, struct chr *chr, const char *text)
{
	size_t len = strlen(text);
	struct buf got = BUF_INIT, shown = BUF_INIT;
	char *at = buf_reserve(&got, len);

	got.len = chr_read_exact(chr, at, len, deadline_in(HVC_MS));
	if (got.len == len && memcmp(got.data, text, len) == 0) {
		buf_release(&got);
		return;
	}
	buf_addf(&shown, "the host end of %s got \"", chr->id);
	text_printable(&shown, got.data, got.len, 100);
	buf_addstr(&shown, "\", want \"");
	text_printable(&shown, text, len, 100);
	trial_fail(t, __FILE__, __LINE__, "%s\"", shown.data);
}

void hvc_line(struct trial *t, struct chr *chr, const char *node, const char *want,
	      const char *answer)
{
	char *got = hvc_guest(t, "exec 3<>%s; read -r -t 5 l <&3; echo \"$l\"; echo '%s' >&3", node,
			      answer);
	char *both = xasprintf("%s\r\n%s\r\n", want, answer);
	struct buf shown = BUF_INIT;

	text_printable(&shown, got, strlen(got), 100);
	CHECK(t, strcmp(got, want) == 0, "%s in the guest got \"%s\", want \"%s\"", node,
	      shown.data, want);
	buf_release(&shown);
	hvc_hear(t, chr, both);
	free(both);
	free(got);
}

void hvc_nothing_more(struct trial *t)
{
	struct rig *r = trial_rig(t);
	struct buf why = BUF_INIT;
	char more[64];

	if (t->session->keep_guest)
		return;
	CHECK(t, vm_quit(&r->vm, &why), "%s", why.data);
	for (size_t i = 0; i < r->n_chrs; i++) {
		ssize_t n;

		chr_no_more(&r->chrs[i]);
		n = chr_read(&r->chrs[i], more, sizeof(more), deadline_in(HVC_MS));
		if (n > 0)
			text_printable(&why, more, (size_t)n, sizeof(more));
		CHECK(t, n <= 0, "the host end of %s got more: \"%s\"", r->chrs[i].id, why.data);
		CHECK(t, n == CHR_EOF, "the host end of %s stays open without QEMU", r->chrs[i].id);
	}
}
