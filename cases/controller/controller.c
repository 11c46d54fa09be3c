// SPDX-License-Identifier: GPL-2.0-or-later
/* controller.c - what the guest knows of a controller */
#include "cases/controller/controller.h"

#include <stdlib.h>
#include <string.h>

#define GUEST_MS 15000

char *controller_guest(struct trial *t, const char *line)
{
	struct guest *g = &trial_rig(t)->vm.guest;
	struct buf out = BUF_INIT, why = BUF_INIT;
	int status = guest_run(g, &out, deadline_in(GUEST_MS), "%s", line);

	CHECK(t, status == 0 || vm_alive(&t->rig.vm, &why), "%s", why.data);
	CHECK(t, status >= 0, "in the guest: %s: %s", line, g->error.data);
	CHECK(t, status == 0, "in the guest: %s: status %d: %s%s", line, status,
	      out.len ? out.data : "", g->error.len ? g->error.data : "");
	return out.len ? out.data : xstrdup("");
}

char *controller_value(struct trial *t, const char *text, const char *key)
{
	char *needle = xasprintf("\n%s=", key);
	const char *at = strncmp(text, needle + 1, strlen(needle + 1)) == 0 ? text - 1
									    : strstr(text, needle);

	CHECK(t, at, "the guest does not tell %s of the controller: %s", key, text);
	at += strlen(needle);
	free(needle);
	return xstrndup(at, strcspn(at, "\n"));
}

char *controller_await(struct trial *t, const char *node)
{
	char *line = xasprintf(
		"chardev-helper wait-path %s --timeout-ms 10000 </dev/null >&2 && "
		"n=$(readlink %s) && v=$(readlink -f /sys/class/virtio-ports/${n##*/}/device) && "
		"p=${v%%/*} && echo virtio=${v##*/} && echo pci=${p##*/} && "
		"for f in vendor device revision; do echo $f=$(cat $p/$f); done && "
		"echo features=$(cat $v/features) && echo msi=$(ls $p/msi_irqs 2>/dev/null | wc -l) && "
		"echo group=$(readlink $p/iommu_group)",
		node, node);
	char *out = controller_guest(t, line);

	trial_note(t, "the controller in the guest:\n%s", out);
	free(line);
	return out;
}
