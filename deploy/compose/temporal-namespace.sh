#!/bin/sh
# Creates the namespace and our search attributes. Repeatable. The list is that of workflows/contracts/search-attributes.ts.
set -eu

temporal operator namespace describe --namespace default >/dev/null 2>&1 || temporal operator namespace create --namespace default --retention 168h

for attribute in ClawTenant=Keyword ClawInstance=Keyword ClawKind=Keyword ClawPhase=Keyword ClawGeneration=Int; do
  temporal operator search-attribute create --namespace default --name "${attribute%=*}" --type "${attribute#*=}" || temporal operator search-attribute list --namespace default | grep -q "${attribute%=*}"
done
