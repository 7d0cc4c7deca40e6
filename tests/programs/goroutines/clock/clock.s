// SPDX-License-Identifier: GPL-2.0-only
// With this file there the compiler takes functions without a body.
