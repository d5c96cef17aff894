#include "program/control/dispatcher.hpp"

#include "base/config/suggest.hpp"

#include <algorithm>
#include <stdexcept>

namespace beamline::program::control {

namespace {

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= shown_bytes_max && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

using verb = dispatcher::verb;

json as_json(const verb& v) {
  json arguments = json::array();
  for (const auto& a : v.arguments)
    arguments.push_back({{"name", a.name}, {"help", a.help}, {"is_required", a.is_required}});
  return {{"name", v.name},
          {"description", v.description},
          {"usage", usage(v.name, v.arguments)},
          {"is_stream", v.options.is_stream},
          {"arguments", std::move(arguments)}};
}

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width) + 2, ' ');
  return text;
}

std::string text_of_one(const verb& v) {
  auto out = usage(v.name, v.arguments) + "\n  " + v.description;
  for (const auto& a : v.arguments)
    out += "\n  " + padded(a.name, 12) + a.help;
  return out;
}

std::string text_of_all(const std::vector<std::shared_ptr<const verb>>& verbs) {
  std::size_t width = 0;
  for (const auto& v : verbs)
    width = std::max(width, usage(v->name, v->arguments).size());
  std::string out;
  for (const auto& v : verbs)
    out += (out.empty() ? "" : "\n") + padded(usage(v->name, v->arguments), width) + v->description;
  return out;
}

}  // namespace

dispatcher::dispatcher(logger& log) : log_{log} { add_help(); }

void dispatcher::add(std::string name, std::string description, std::vector<argument> arguments, handler run,
                     verb_options options) {
  auto is_good =
      is_word(name) && run && std::ranges::all_of(arguments, [](const argument& a) { return is_word(a.name); });
  if (!is_good)
    throw std::logic_error{"control: the verb \"" + name + "\" needs a handler, and names of a-z, 0-9, - and _"};
  auto added =
      std::make_shared<const verb>(verb{name, std::move(description), std::move(arguments), std::move(run), options});
  std::lock_guard lock{mutex_};
  if (!verbs_.emplace(name, std::move(added)).second)
    throw std::logic_error{"control: the verb \"" + name + "\" is added twice"};
}

void dispatcher::remove(const std::string& name) {
  std::shared_ptr<const verb> gone;  // Its handler is destroyed outside of the lock.
  std::lock_guard lock{mutex_};
  if (auto found = verbs_.find(name); found != verbs_.end()) {
    gone = std::move(found->second);
    verbs_.erase(found);
  }
}

std::shared_ptr<const dispatcher::verb> dispatcher::find(const std::string& name) const {
  std::lock_guard lock{mutex_};
  auto found = verbs_.find(name);
  return found == verbs_.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const dispatcher::verb>> dispatcher::all() const {
  std::vector<std::shared_ptr<const verb>> out;
  std::lock_guard lock{mutex_};
  for (const auto& [name, v] : verbs_)
    out.push_back(v);
  return out;
}

error dispatcher::unknown(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& v : all())
    names.push_back(v->name);
  auto meant = config::closest(name, names);
  auto text =
      "unknown verb " + shown(name) + (meant.empty() ? "; this" : "; did you mean " + meant + "? This") + " node knows";
  for (const auto& one : names)
    text += (one == names.front() ? " " : ", ") + one;
  return {errc::not_found, text};
}

result<dispatcher::job> dispatcher::prepare(const request& r) const {
  auto what = find(r.verb);
  if (!what)
    return unknown(r.verb);
  auto arguments = bind_arguments(what->arguments, r);
  if (!arguments)
    return arguments.error();
  auto timeout = r.timeout;
  if (!timeout && !what->options.is_stream)
    timeout = what->options.timeout;
  return job{std::move(what), std::move(*arguments), timeout};
}

void dispatcher::run(const job& j, std::shared_ptr<answer_sink> sink, time_point deadline) {
  answer reply{std::move(sink), j.what->name, deadline};
  try {
    j.what->run(j.arguments, reply);
  } catch (const std::exception& e) {
    log_.error("control", "a verb's handler failed", {{"verb", j.what->name}, {"why", e.what()}});
  }
}

void dispatcher::add_help() {
  add("help", "lists the verbs of this node, or explains one", {takes("verb", "the one to explain")},
      [this](const json& arguments, answer reply) {
        if (const auto* name = find_string(arguments, "verb")) {
          auto one = find(*name);
          if (!one)
            return reply.fail(unknown(*name));
          return reply.ok({{"verbs", json::array({as_json(*one)})}, {"text", text_of_one(*one)}});
        }
        auto verbs = all();
        json list = json::array();
        for (const auto& v : verbs)
          list.push_back(as_json(*v));
        reply.ok({{"verbs", std::move(list)}, {"text", text_of_all(verbs)}});
      });
}

}  // namespace beamline::program::control
