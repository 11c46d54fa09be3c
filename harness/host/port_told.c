// SPDX-License-Identifier: GPL-2.0-or-later
/* port_told.c - what QEMU tells of a virtio-serial port */
#include "harness/host/port_told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse_flag(const char *word, bool *flag)
{
	*flag = strcmp(word, "on") == 0;
	return *flag || strcmp(word, "off") == 0;
}

static bool parse_line(const char *line, struct port_told *is)
{
	char text[sizeof("port 4294967295, guest off, host off, throttle off")];
	char guest[4], host[4], throttle[4];
	int end = 0;
	size_t len = strcspn(line, "\r\n");

	if (len >= sizeof(text))
		return false;
	memcpy(text, line, len);
	text[len] = '\0';
	return sscanf(text, "port %9u, guest %3[a-z], host %3[a-z], throttle %3[a-z]%n", &is->nr,
		      guest, host, throttle, &end) == 4 &&
	       !text[end] && parse_flag(guest, &is->guest) && parse_flag(host, &is->host) &&
	       parse_flag(throttle, &is->throttled);
}

bool port_told_parse(const char *qtree, const char *id, struct port_told *is)
{
	char *dev = xasprintf(", id \"%s\"", id);
	const char *line = strstr(qtree, dev);

	free(dev);
	while (line && (line = strchr(line, '\n')) != NULL) {
		line++;
		line += strspn(line, " ");
		if (strncmp(line, "dev: ", strlen("dev: ")) == 0)
			return false;
		if (parse_line(line, is))
			return true;
	}
	return false;
}

bool port_told(struct qmp *q, struct deadline d, const char *id, struct port_told *is)
{
	return qmp_hmp(q, d, "info qtree") == QMP_OK && port_told_parse(q->answer.data, id, is);
}
