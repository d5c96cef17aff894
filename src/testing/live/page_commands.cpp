// JS commands: the lists in phx-click and its like.

#include "testing/live/page_core.hpp"
#include "testing/live/page_meta.hpp"
#include "testing/live/selector.hpp"

namespace beamline::testing {

void page_core::run_commands(dom_node& source, const std::string& commands, std::string_view type, const json& meta) {
  if (!has_commands(commands))
    return run_command(source, "push", {{"event", commands}}, type, meta);
  const auto list = parse_json(commands);
  if (!list || !list->is_array())
    throw page_stuck{source.path() + ": the client cannot read these commands: " + commands};
  auto* at = &source;
  const auto path = source.path();
  for (const auto& command : *list) {
    at = again(at, path);
    if (departure_ || at == nullptr)
      return;
    if (!command.is_array() || command.size() != 2 || !command[0].is_string() || !command[1].is_object())
      throw page_stuck{source.path() + ": a command must be [name, arguments]: " + command.dump()};
    run_command(*at, command[0].get<std::string>(), command[1], type, meta);
  }
}

dom_node* page_core::again(dom_node* n, const std::string& path) {
  auto is_there = false;
  dom_node* same = nullptr;
  document_->each_element([&](dom_node& e) {
    is_there = is_there || &e == n;
    if (same == nullptr && e.path() == path)
      same = &e;
  });
  return is_there ? n : same;
}

std::vector<dom_node*> page_core::targets_of(dom_node& source, const json& args) {
  const auto& to = field_or_null(args, "to");
  if (to.is_string())
    return selector{to.get<std::string>()}.all(*document_);
  if (const auto* inner = find_string(to, "inner"))
    return selector{*inner}.all(source);
  if (const auto* css = find_string(to, "closest")) {
    const auto wanted = selector{*css};
    auto* found = source.closest([&](const dom_node& n) { return wanted.matches(n); });
    return found == nullptr ? std::vector<dom_node*>{} : std::vector<dom_node*>{found};
  }
  return {&source};
}

void page_core::run_command(dom_node& source, const std::string& name, const json& args, std::string_view type,
                            const json& meta) {
  if (name == "push")
    return type == "change" ? push_change(source, args)
         : type == "submit" ? push_submit(source, args)
                            : push(source, type, args, meta);
  if (name == "patch")
    return patch(args.at("href").get<std::string>());
  if (name == "navigate") {
    departure_ = page_departure{page_departure::kind::navigate, args.at("href").get<std::string>()};
    return;
  }
  auto targets = std::vector<std::pair<dom_node*, std::string>>{};
  for (auto* target : targets_of(source, args))
    targets.emplace_back(target, target->path());
  for (const auto& [found, path] : targets) {
    auto* target = again(found, path);
    if (target == nullptr)
      continue;
    if (name == "exec")
      run_commands(*target, std::string{target->attribute(args.at("attr").get<std::string>())}, type, meta);
    else if (name == "dispatch")
      dispatch(*target, args.at("event").get<std::string>());
    else
      change_look(*target, name, args);
    if (departure_)
      return;
  }
}

void page_core::dispatch(dom_node& target, std::string_view event) {
  if (event == "click")
    click(target, nullptr);
  else if (event == "change" || event == "input")
    change(target);
  else if (event == "submit" && target.name() == "form")
    submit(target, nullptr);
}

void page_core::change_look(dom_node& n, const std::string& command, const json& args) {
  auto act = std::function<void(dom_node&)>{};
  const auto set_class = [](dom_node& e, const std::string& name, bool is_there) {
    auto text = std::string{};
    auto all = std::string{e.attribute("class")} + " ";
    for (std::size_t at = 0, end = 0; (end = all.find(' ', at)) != std::string::npos; at = end + 1)
      if (const auto one = all.substr(at, end - at); !one.empty() && one != name)
        text += (text.empty() ? "" : " ") + one;
    if (is_there)
      text += (text.empty() ? "" : " ") + name;
    e.set_attribute("class", text);
  };
  if (command.ends_with("_class")) {
    for (const auto& item : args.at("names")) {
      const auto name = item.get<std::string>();
      const auto is_there = command == "add_class" || (command == "toggle_class" && !n.has_class(name));
      change_look(n, is_there ? "+" + name : "-" + name, args);
    }
    return;
  }
  if (command.starts_with('+') || command.starts_with('-')) {
    act = [=, name = command.substr(1), is_there = command[0] == '+'](dom_node& e) { set_class(e, name, is_there); };
  } else if (command == "set_attr" || command == "toggle_attr") {
    const auto& words = args.at("attr");
    const auto name = words[0].get<std::string>();
    const auto one = words[1].get<std::string>();
    const auto* now = n.find_attribute(name);
    const auto is_one = command == "toggle_attr" && now != nullptr && *now == one;
    if (is_one && words.size() < 3)
      act = [name](dom_node& e) { e.remove_attribute(name); };
    else
      act = [name, value = is_one ? words[2].get<std::string>() : one](dom_node& e) { e.set_attribute(name, value); };
  } else if (command == "remove_attr") {
    act = [name = args.at("attr").get<std::string>()](dom_node& e) { e.remove_attribute(name); };
  } else if (command == "show" || command == "hide" || command == "toggle") {
    const auto is_hidden = n.attribute("style").find("display: none") != std::string_view::npos;
    const auto shows = command == "show" || (command == "toggle" && is_hidden);
    act = [shows](dom_node& e) { e.set_attribute("style", shows ? "display: block;" : "display: none;"); };
  } else {
    return;  // Focus and animations, which leave nothing to be looked at.
  }
  act(n);
  if (!n.id().empty())
    lasting_.emplace_back(n.id(), std::move(act));
}

}  // namespace beamline::testing
