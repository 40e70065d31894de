#!/bin/sh
# Firefox as Playwright starts it, but it goes on when one of its tabs crashes, as a person's does.
unset MOZ_CRASHREPORTER_SHUTDOWN
exec "$FIREFOX" "$@"
