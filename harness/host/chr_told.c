// SPDX-License-Identifier: GPL-2.0-or-later
/* chr_told.c - what QEMU tells of its chardevs */
#include "harness/host/chr_told.h"

#include <stdlib.h>
#include <string.h>

enum qmp_result chr_told(struct qmp *q, struct deadline d, const char *id, const char *key,
			 char **value)
{
	enum qmp_result r = qmp_cmd(q, d, "query-chardev", NULL);
	char *path;

	*value = NULL;
	if (r != QMP_OK)
		return r;
	path = xasprintf("%d.%s", qmp_find(q, "", "label", id), key);
	*value = qmp_get(q, path);
	free(path);
	return r;
}

bool chr_await_told(struct qmp *q, struct deadline d, const char *id, const char *key,
		    const char *text, bool without)
{
	bool is = false;

	while (!is && !deadline_passed(d)) {
		char *value;

		if (chr_told(q, d, id, key, &value) != QMP_OK)
			return false;
		is = value && (strncmp(value, text, strlen(text)) == 0) != without;
		free(value);
	}
	return is;
}
