#include "web/live/diff.hpp"

#include "base/json.hpp"
#include "web/live/diff_encoder.hpp"

#include <stdexcept>

namespace beamline::web::live {

namespace {

void append_events(std::string& out, std::span<const push_event> events) {
  if (events.empty())
    return;
  out += "\"e\":[";
  for (const auto& event : events) {
    out += '[';
    append_json_string(out, event.name);
    out += ',';
    out += event.payload;
    out += event.is_before_patch ? ",true]," : "],";
  }
  out.back() = ']';
  out += ',';
}

}  // namespace

std::string finish_message(std::string out, const message_parts& parts) {
  append_events(out, parts.events);
  if (!parts.reply.empty()) {
    out += "\"r\":";
    out += parts.reply;
    out += ',';
  }
  if (out.size() == 1)
    return {};
  out.back() = '}';
  return out;
}

std::optional<std::uint64_t> append_title(std::string& out, const tree_memory& memory, std::string_view text,
                                          bool is_always_sent) {
  const auto hash = sip_hash(memory.key(), text);
  if (!is_always_sent && memory.title() == hash)
    return std::nullopt;
  out += "\"t\":";
  append_json_string(out, text);
  out += ',';
  return hash;
}

std::string encode_full(tree_memory& memory, const rendered& tree, const message_parts& parts) {
  check_join_parts(parts);
  auto out = std::string{"{"};
  const auto nothing = tree_memory::words{};
  auto encoder = diff_encoder{out, nothing, memory.key(), nullptr};
  encoder.view_full(tree);
  encoder.view_templates();
  memory.forget_title();
  if (parts.title)
    memory.set_title(*append_title(out, memory, *parts.title, true));
  memory.set_tree(encoder.take_words());
  return finish_message(std::move(out), parts);
}

std::string encode_diff(tree_memory& memory, const rendered& tree, const message_parts& parts) {
  auto out = std::string{"{"};
  auto encoder = diff_encoder{out, memory.tree(), memory.key(), nullptr};
  if (encoder.view_diff(tree))
    encoder.view_templates();
  if (parts.title)
    if (const auto title = append_title(out, memory, *parts.title, memory.is_empty()))
      memory.set_title(*title);
  memory.set_tree(encoder.take_words());
  return finish_message(std::move(out), parts);
}

std::string encode_events(std::span<const push_event> events) { return finish_message("{", {.events = events}); }

void check_join_parts(const message_parts& parts) {
  if (!parts.reply.empty())
    throw std::logic_error{"live: a join has no event to reply to; the reply is lost"};
}

}  // namespace beamline::web::live
