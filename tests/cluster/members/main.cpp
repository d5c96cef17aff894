// A node of presence_test.py: told what it is by its one argument, asked by lines of JSON on standard input, which it
// answers on standard output, line by line; when its input ends it ends in order.

#include "member_node.hpp"

#include <exception>
#include <iostream>
#include <string>

namespace {

using namespace beamline;

void say(const json& line) { std::cout << dump_json(line) << std::endl; }

json answer(members::member_node& at, const std::string& line) {
  auto what = parse_json(line);
  if (!what)
    return {{"ok", false}, {"error", what.error().message}};
  return at.answer(*what);
}

}  // namespace

int main(int argc, char** argv) {
  auto settings = members::read_member_settings(argc == 2 ? argv[1] : "");
  if (!settings) {
    std::cerr << "usage: member_node SETTINGS, one JSON object: " << settings.error().message << std::endl;
    return 2;
  }
  try {
    members::member_node here{*settings};
    say({{"ok", true}, {"name", settings->name}});
    for (std::string line; std::getline(std::cin, line);)
      say(answer(here, line));
  } catch (const std::exception& e) {
    std::cerr << "member_node: " << e.what() << std::endl;
    return 1;
  }
}
