// SPDX-License-Identifier: GPL-2.0-or-later
/* ports.c - what the guest shows of its ports */
#include "cases/ports/ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODE_MS 30000 /* eleven controllers at once, under a load of 18: more than 10 s */
#define READ_MS 10000

void ports_await(struct trial *t, const char *path)
{
	struct buf quoted = BUF_INIT;

	text_quote_sh(&quoted, path);
	helper_finish(helper_start(t, "wait-path %s --timeout-ms %d", quoted.data, NODE_MS),
		      2 * NODE_MS);
	buf_release(&quoted);
}

/* One process for all files of a sort. stat's device numbers are hexadecimal, and its "%N" is the
 * link, " -> ", and the target, each in quotes, which the names here do not have. */
static const char script[] =
	"cd /sys/class/virtio-ports 2>/dev/null || exit 0\n"
	"grep -H '' */name */dev | sed 's,:,=,;s,^," PORTS_CLASS ",'\n"
	"stat -c '%n=%t:%T' /dev/vport*\n"
	"stat -c '%N' */device/driver | sed \"s,' -> ',=,;s,'$,,;s,^'," PORTS_CLASS ",\"\n"
	"[ -d " PORTS_LINKS " ] || exit 0\n"
	"find " PORTS_LINKS " -type l -exec stat -c '%N' {} + | sed \"s,' -> ',=,;s,'$,,;s,^',,\"\n"
	"find " PORTS_LINKS " -type l -exec stat -L -c '*%n=%t:%T' {} +\n";

void ports_read(struct ports *p, struct trial *t)
{
	struct guest *g = &trial_rig(t)->vm.guest;

	*p = (struct ports){.t = t, .text = BUF_INIT};
	/* A node's "name" may be none, so grep may find less than it was asked for. */
	CHECK(t, guest_run(g, &p->text, deadline_in(READ_MS), "%s", script) == 0,
	      "reading the guest's sysfs: %s", g->error.data);
}

void ports_release(struct ports *p)
{
	buf_release(&p->text);
}

char *ports_get(const struct ports *p, const char *fmt, ...)
{
	const char *line = p->text.data;
	va_list ap;
	char *path;
	size_t len;

	va_start(ap, fmt);
	path = xvasprintf(fmt, ap);
	va_end(ap);
	len = strlen(path);
	while (*line && (strncmp(line, path, len) != 0 || line[len] != '=')) {
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	free(path);
	return *line ? xstrndup(line + len + 1, strcspn(line + len + 1, "\n")) : NULL;
}

size_t ports_count(const struct ports *p)
{
	const char *line = p->text.data;
	size_t n = 0;

	while (*line) {
		n += strncmp(line, "/dev/vport", 10) == 0;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return n;
}

void ports_node(const struct ports *p, const char *name, int *controller, int *nr)
{
	char *target = ports_get(p, PORTS_LINKS "%s", name);
	char *back = NULL;

	CHECK(p->t, target, "there is no link " PORTS_LINKS "%s", name);
	if (sscanf(target, "../vport%dp%d", controller, nr) == 2)
		back = xasprintf("../vport%dp%d", *controller, *nr);
	CHECK(p->t, back && strcmp(back, target) == 0, PORTS_LINKS "%s points to %s", name, target);
	free(back);
	free(target);
}

/* Device numbers: decimal in sysfs ("249:1"), hexadecimal from stat. */
static bool same_number(const char *sysfs, const char *node)
{
	unsigned a, b, c, d;

	return sscanf(sysfs, "%u:%u", &a, &b) == 2 && sscanf(node, "%x:%x", &c, &d) == 2 &&
	       a == c && b == d;
}

void ports_check_node(const struct ports *p, int controller, int nr)
{
	char *node = xasprintf("vport%dp%d", controller, nr);
	char *dev = ports_get(p, PORTS_CLASS "%s/dev", node);
	char *driver = ports_get(p, PORTS_CLASS "%s/device/driver", node);
	char *rdev = ports_get(p, "/dev/%s", node);

	CHECK(p->t, dev, "there is no " PORTS_CLASS "%s", node);
	CHECK(p->t, rdev, "there is no /dev/%s", node);
	CHECK(p->t, same_number(dev, rdev), "%s is %s in sysfs, /dev/%s is %s (hexadecimal)", node,
	      dev, node, rdev);
	CHECK(p->t, driver && strrchr(driver, '/'), "%s has no driver", node);
	CHECK(p->t, strcmp(strrchr(driver, '/'), "/virtio_console") == 0, "%s is driven by %s",
	      node, driver);
	free(rdev);
	free(driver);
	free(dev);
	free(node);
}

void ports_check(const struct ports *p, int controller, int nr, const char *name, const char *link)
{
	char *is = ports_get(p, PORTS_CLASS "vport%dp%d/name", controller, nr);
	char *rdev = ports_get(p, "/dev/vport%dp%d", controller, nr);
	char *there = ports_get(p, "*" PORTS_LINKS "%s", link ? link : name);
	int n, m;

	ports_check_node(p, controller, nr);
	CHECK(p->t, is, "vport%dp%d has no name, want %s", controller, nr, name);
	CHECK(p->t, strcmp(is, name) == 0, "vport%dp%d is called '%s', want '%s'", controller, nr,
	      is, name);
	ports_node(p, link ? link : name, &n, &m);
	CHECK(p->t, n == controller && m == nr,
	      PORTS_LINKS "%s points to vport%dp%d, want vport%dp%d", link ? link : name, n, m,
	      controller, nr);
	CHECK(p->t, there && strcmp(there, rdev) == 0,
	      PORTS_LINKS "%s leads to device %s, want %s (hexadecimal)", link ? link : name,
	      there ? there : "(none)", rdev);
	free(there);
	free(rdev);
	free(is);
}
