// SPDX-License-Identifier: GPL-2.0-only
/* C++: virtual calls, lambdas, templates, exceptions on their way and caught. */
#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "stacks.h"

namespace
{
struct shape {
	virtual ~shape() {}
	virtual unsigned long area(unsigned long) const = 0;
};

struct square : shape {
	__attribute__((noinline)) unsigned long area(unsigned long side) const override
	{
		unsigned long value = burn(side);
		return value + 1;
	}
};

__attribute__((noinline)) void by_lambda(const std::function<unsigned long(unsigned long)> &with)
{
	spent += with(7) & 1;
}

__attribute__((noinline)) void sorted()
{
	std::vector<unsigned long> values;
	for (unsigned long i = 0; i < 64; i++)
		values.push_back(i * 2654435761u % 1000);
	std::sort(values.begin(), values.end(), [](unsigned long a, unsigned long b) {
		spent += burn(a) & 1;
		return a < b;
	});
	std::map<std::string, unsigned long> names;
	for (unsigned long value : values)
		names[std::to_string(value)] += value;
	spent += names.size();
}

struct cleaned {
	~cleaned()
	{
		spent += burn(5) & 1; /* while the stack is being unwound */
	}
};

__attribute__((noinline)) void throws(int depth)
{
	cleaned one;
	if (!depth)
		throw std::runtime_error("thrown");
	throws(depth - 1);
	spent++;
}

__attribute__((noinline)) void catches()
{
	try {
		throws(12);
	} catch (const std::exception &error) {
		spent += burn(error.what()[0]) & 1;
	}
}
} // namespace

void in_cplusplus()
{
	square one;
	const shape &any = one;
	by_lambda([&](unsigned long side) {
		return any.area(side) + burn(side);
	});
	sorted();
	catches();
}
