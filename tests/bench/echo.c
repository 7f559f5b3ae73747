/* SPDX-License-Identifier: ISC */
/*
 * echo SOCKET FILE: the least a libfcgi program can do: workers that answer
 * every request with the bytes of FILE. It tells what nginx and libfcgi cost
 * by themselves.
 */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <fcgiapp.h>

#include "tests/bench/figures.h"

#define WORKERS 16
#define BACKLOG 4096
#define SIZE_LIMIT (1024 * 1024)

static char *body;
static size_t size;

static void *
worker_main(void *arg)
{
	FCGX_Request r;

	FCGX_InitRequest(&r, (int)(intptr_t)arg, 0);
	while (FCGX_Accept_r(&r) == 0) {
		FCGX_FPrintF(r.out, "Content-Type: application/json\r\n"
		    "Content-Length: %d\r\n\r\n", (int)size);
		FCGX_PutStr(body, (int)size, r.out);
		FCGX_Finish_r(&r);
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	pthread_t threads[WORKERS];
	FILE *file = argc == 3 ? fopen(argv[2], "rb") : NULL;
	int fd;

	body = malloc(SIZE_LIMIT);
	if (file == NULL || body == NULL)
		die("echo SOCKET FILE");
	size = fread(body, 1, SIZE_LIMIT, file);
	fclose(file);
	FCGX_Init();
	/* The library would go on after it. */
	signal(SIGTERM, SIG_DFL);
	fd = FCGX_OpenSocket(argv[1], BACKLOG);
	if (fd < 0)
		die("%s can not be listened on", argv[1]);
	for (int i = 0; i < WORKERS; i++)
		if (pthread_create(&threads[i], NULL, worker_main,
		    (void *)(intptr_t)fd) != 0)
			die("no more threads");
	for (int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	free(body);
	return 0;
}
