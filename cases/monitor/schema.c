// SPDX-License-Identifier: GPL-2.0-or-later
/* schema.c - what chardev-add can be told, by QEMU's own schema, against what the suite knows */
#include <stdlib.h>

#include "cases/monitor/monitor.h"

/* A text of the entry of that name; malloc'ed. */
static char *text_of(struct bare *b, const char *name, const char *key)
{
	struct qmp *q = &b->rig->vm.qmp;
	char *path = xasprintf("%d.%s", qmp_find(q, "", "name", name), key);
	char *text = qmp_get(q, path);

	CHECK(b->t, text, "the schema has no %s of %s", key, name);
	free(path);
	return text;
}

/* The type of that member of the object called @object; malloc'ed. */
static char *member_type(struct bare *b, const char *object, const char *member)
{
	struct qmp *q = &b->rig->vm.qmp;
	char *members = xasprintf("%d.members", qmp_find(q, "", "name", object)), *key, *type;

	key = xasprintf("members.%d.type", qmp_find(q, members, "name", member));
	type = text_of(b, object, key);
	free(members);
	free(key);
	return type;
}

static void check_backend(struct bare *b, const char *kind, const char *wrapper)
{
	struct qmp *q = &b->rig->vm.qmp;
	char *type = member_type(b, wrapper, "data");
	char *members = xasprintf("%d.members", qmp_find(q, "", "name", type));
	int n = qmp_count(q, members);

	CHECK(b->t, n > 0, "the schema has no members of the data of %s", kind);
	for (int i = 0; i < n; i++) {
		char *key = xasprintf("members.%d.name", i), *member = text_of(b, type, key);

		CHECK(b->t, feature_member_known(kind, member),
		      "chardev-add of a %s takes %s, which harness/run/features.c does not know",
		      kind, member);
		free(member);
		free(key);
	}
	free(members);
	free(type);
}

CASE(monitor_schema, .id = "monitor.schema",
     .title = "list --features knows every backend and every option that QEMU's schema has",
     .clause = "qapi/introspect.json query-qmp-schema; qapi/char.json ChardevBackend",
     .level = LEVEL_SHOULD, .needs = NEEDS_QEMU, .plan = monitor_plan)
{
	struct bare *b = trial_bare(t);
	struct qmp *q = &b->rig->vm.qmp;
	char *args, *backend, *variants;
	int n;

	bare_qmp(b, "query-qmp-schema", NULL);
	args = text_of(b, "chardev-add", "arg-type");
	backend = member_type(b, args, "backend");
	variants = xasprintf("%d.variants", qmp_find(q, "", "name", backend));
	n = qmp_count(q, variants);
	CHECK(t, n > 0, "the schema has no backends");
	for (int i = 0; i < n; i++) {
		char *kind_key = xasprintf("variants.%d.case", i),
		     *type_key = xasprintf("variants.%d.type", i);
		char *kind = text_of(b, backend, kind_key), *type = text_of(b, backend, type_key);

		check_backend(b, kind, type);
		free(kind_key);
		free(type_key);
		free(kind);
		free(type);
	}
	free(args);
	free(backend);
	free(variants);
}
