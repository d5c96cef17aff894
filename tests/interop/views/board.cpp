#include "interop/views/board.hpp"

#include "interop/views/board.heex.hpp"

#include <algorithm>

namespace beamline::interop {

void board::mount(const live::mount_params&, live::view_socket&) {
  for (int id = 1; id <= 3; ++id)
    assigns_.lines.insert({id, "line " + std::to_string(id)});
}

void board::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name != "do")
    return view::handle_event(e, s);
  const auto& step = e.value.at("step").get_ref<const std::string&>();
  if (!change_lines(step) && !change_rest(step))
    throw std::invalid_argument{"the board has no step " + step};
}

bool board::change_lines(const std::string& step) {
  auto& lines = assigns_.lines;
  if (step == "append")
    lines.insert({4, "line 4"});
  else if (step == "prepend")
    lines.insert({5, "line 5"}, {.at = 0});
  else if (step == "between")
    lines.insert({6, "line 6"}, {.at = 1});
  else if (step == "update")
    lines.insert({2, "line two"});
  else if (step == "remove")
    lines.remove_by_id("lines-1");
  else if (step == "keep last two")
    lines.insert({7, "line 7"}, {.limit = -2});
  else if (step == "reset") {
    lines.reset();
    lines.insert({9, "line 9"});
    lines.insert({7, "line 7 again"});
  } else if (step == "clear")
    lines.reset();
  else if (step == "many")
    for (int id = 100; id < 600; ++id)
      lines.insert({id, "one of many"});
  else
    return false;
  return true;
}

bool board::change_rest(const std::string& step) {
  if (step == "reverse")
    std::ranges::reverse(assigns_.names.edit());
  else if (step == "rename")
    assigns_.names.edit().front() += "!";
  else if (step == "add name")
    assigns_.names.edit().insert(assigns_.names.edit().begin(), "dan");
  else if (step == "no names")
    assigns_.names = std::vector<std::string>{};
  else if (step == "add leaf")
    assigns_.leaves.edit().push_back("c");
  else if (step == "drop leaf")
    assigns_.leaves = std::vector<std::string>{"b"};
  else if (step == "label")
    assigns_.label = "twig";
  else if (step == "toggle child")
    assigns_.has_child = !*assigns_.has_child;
  else
    return false;
  return true;
}

live::rendered board::render(live::render_context& c) const { return render_template(assigns_, c); }

}  // namespace beamline::interop
