#!/bin/sh
# shellcheck disable=SC2034
unused=1
# shellcheck disable=SC2086 # the words of it are wanted
echo $HOME
echo $PATH
