/* SPDX-License-Identifier: ISC */
/* openapi: doc/openapi.yaml as JSON text, made by the build. */
#ifndef FCGI_OPENAPI_H
#define FCGI_OPENAPI_H

extern const unsigned char openapi_json[];
extern const unsigned long openapi_json_len;

#endif
