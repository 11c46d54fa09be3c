// SPDX-License-Identifier: GPL-2.0-or-later
/* plan.c - what a trial wants to have */
#include "harness/vm/plan.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/die.h"
#include "harness/host/qmp.h"

void plan_release(struct plan *p)
{
	strv_release(&p->devices);
	strv_release(&p->args);
	*p = (struct plan){0};
}

void plan_add_chr(struct plan *p, const char *id, enum chr_kind kind, enum chr_role role)
{
	if (p->n_chrs == PLAN_CHRS_MAX)
		die("a plan holds at most %d backends", PLAN_CHRS_MAX);
	p->chrs[p->n_chrs++] = (struct plan_chr){.id = id, .kind = kind, .role = role};
}

bool plan_is_early(const struct plan *p, size_t i)
{
	for (int u = 0; u < p->n_uarts; u++)
		if (p->uart[u] && strcmp(p->uart[u], p->chrs[i].id) == 0)
			return true;
	return p->cold || p->chrs[i].early;
}

/* QMP's device_add takes typed values (since 6.2), the command line only text. */
static void json_value(struct buf *b, const char *key, const char *value)
{
	/* From 10.0 on QEMU takes no other type: disable-legacy is on, off or auto, the port of a
	 * USB device may be that of a hub's hub ("1.2"). */
	static const char *const always_text[] = {"id",	  "name",   "chardev",	      "bus",
						  "addr", "driver", "disable-legacy", "port"};
	unsigned long long number;

	for (size_t i = 0; i < sizeof(always_text) / sizeof(*always_text); i++) {
		if (strcmp(key, always_text[i]) == 0) {
			qmp_quote(b, value);
			return;
		}
	}
	if (text_parse_u64(value, &number))
		buf_addf(b, "%llu", number);
	else if (strcmp(value, "on") == 0 || strcmp(value, "off") == 0)
		buf_addstr(b, strcmp(value, "on") == 0 ? "true" : "false");
	else
		qmp_quote(b, value);
}

void plan_device_json(struct buf *b, const char *device)
{
	struct strv parts = {NULL, 0};

	strv_split(&parts, device, ",");
	buf_addstr(b, "{");
	for (size_t i = 0; i < parts.n; i++) {
		char *equals = strchr(parts.v[i], '=');
		const char *key = equals ? parts.v[i] : "driver";

		if (equals)
			*equals = '\0';
		buf_addf(b, "%s\"%s\": ", i ? ", " : "", key);
		json_value(b, key, equals ? equals + 1 : parts.v[i]);
	}
	buf_addstr(b, "}");
	strv_release(&parts);
}
