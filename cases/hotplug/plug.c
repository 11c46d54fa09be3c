// SPDX-License-Identifier: GPL-2.0-or-later
/* plug.c - take away and bring back controllers, chardevs, ports */
#include "cases/hotplug/plug.h"

#include <stdlib.h>
#include <string.h>

#define QMP_MS 5000
#define LINE   64
#define WAIT   " --timeout-ms 8000 </dev/null && "

void plug_plan(const struct variant *v, struct plan *plan)
{
	const char *backend = variant_get(v, "backend");
	enum chr_kind kind = CHR_UNIX;

	if (backend)
		chr_kind_parse(backend, &kind);
	plan_add_chr(plan, "c0", kind, CHR_QEMU_LISTENS);
	strv_push(&plan->devices, CONTROLLER);
	strv_push(&plan->devices, PORT);
}

void plug_chardev(struct trial *t, struct chr *c)
{
	struct buf args = BUF_INIT;
	char *filename;

	chr_qmp(c, &args);
	trial_qmp(t, &t->rig, "chardev-add", args.data);
	buf_release(&args);
	trial_want_ok(t, &t->rig,
		      chr_told(&t->rig.vm.qmp, deadline_in(QMP_MS), c->id, "filename", &filename),
		      "query-chardev");
	CHECK(t, filename, "query-chardev does not know %s right after chardev-add", c->id);
	/* The port and the slave are new ones. */
	if (c->kind == CHR_TCP || c->kind == CHR_PTY)
		CHECK(t, chr_learn(c, filename), "query-chardev does not tell where %s is: %s",
		      c->id, filename);
	free(filename);
}

void unplug_chardev(struct trial *t, struct chr *c)
{
	char *args = xasprintf("{\"id\": \"%s\"}", c->id);

	trial_qmp(t, &t->rig, "chardev-remove", args);
	trial_qmp(t, &t->rig, "query-chardev", NULL);
	CHECK(t, qmp_find(&t->rig.vm.qmp, "", "label", c->id) < 0,
	      "query-chardev still has %s after chardev-remove", c->id);
	chr_close(c);
	free(args);
}

char *plug_await_port(struct trial *t)
{
	/* The link is the last thing that comes; what it leads to has to be all there by then. */
	char *out =
		trial_guest(t, "chardev-helper wait-path " PORT_LINK WAIT "n=$(readlink " PORT_LINK
			       ") && n=${n##*/} && s=/sys/class/virtio-ports/$n && "
			       "echo node=$n && test -c /dev/$n && echo name=$(cat $s/name) && "
			       "IFS=: read a b <$s/dev && printf 'dev=%x:%x\\n' $a $b && "
			       "stat -c 'is=%t:%T' /dev/$n");
	const char *name = strstr(out, "\nname=" PORT_NAME "\n"), *node = strstr(out, "node=");
	const char *dev = strstr(out, "\ndev="), *is = strstr(out, "\nis=");
	char *word;
	size_t len;

	CHECK(t, name, "sysfs does not give the port the name " PORT_NAME ": %s", out);
	CHECK(t, node && dev && is, "what the guest knows of the port is incomplete: %s", out);
	len = strcspn(dev + 5, "\n");
	CHECK(t, len == strcspn(is + 4, "\n") && strncmp(dev + 5, is + 4, len) == 0,
	      "sysfs and the node differ in the device number: %s", out);
	node += strlen("node=");
	word = xstrndup(node, strcspn(node, "\n"));
	free(out);
	return word;
}

void plug_await_no_port(struct trial *t, const char *node)
{
	char *line =
		xasprintf("chardev-helper wait-gone " PORT_LINK WAIT
			  "chardev-helper wait-gone /dev/%s" WAIT
			  "chardev-helper wait-gone /sys/class/virtio-ports/%s" WAIT "echo gone",
			  node, node);

	free(trial_guest(t, line));
	free(line);
}

void plug_line(struct trial *t, struct chr *c, unsigned round)
{
	struct traffic x;

	traffic_init(&x, t, c, PORT_LINK, TRAFFIC_BOTH, LINE, round);
	traffic_sync(&x);
	traffic_judge(&x);
	traffic_release(&x);
}

void plug_no_warning(struct trial *t)
{
	/* grep's status is 1 when it finds nothing. */
	char *out = trial_guest(t, "dmesg >/tmp/dmesg && [ -s /tmp/dmesg ] && "
				   "{ grep -E 'WARNING:|BUG:|Call Trace|Oops|lockup|blocked for "
				   "more' /tmp/dmesg || [ $? -eq 1 ]; }");

	CHECK(t, !*out, "the guest's kernel complains: %s", out);
	free(out);
}
