#include "web/live/view_message.hpp"

#include "web/live/diff_text.hpp"

#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace beamline::web::live {

void view_message::add_view(const rendered& tree) {
  has_view_ = true;
  at_ = {.owner = 0, .into = &view_};
  view_.text = "{";
  auto encoder = diff_encoder{view_.text, root_.tree(), root_.key(), this};
  if (encoder.view_diff(tree))
    encoder.view_templates();
  view_.tree = encoder.take_words();
  if (table_.size() > 0)
    for (const auto id : components_in(view_.tree))
      view_.shown.insert(id);
}

bool view_message::add_changed() {
  auto changed = std::vector<std::pair<std::size_t, component_id>>{};
  for (const auto id : table_.changed())
    if (const auto* e = table_.find(id); e != nullptr && is_shown(*e))
      changed.emplace_back(depth_of(*e), id);
  std::ranges::sort(changed);
  auto must_wait = false;
  for (const auto& [depth, id] : changed) {
    auto& e = *table_.find(id);
    // Its owner may have been rendered meanwhile, with or without it.
    if (pieces_.contains(id) || !is_shown(e))
      continue;
    if (is_within_named(e)) {
      must_wait = true;
      continue;
    }
    at_ = {};
    render_one(e, false);
  }
  return must_wait;
}

std::string view_message::encode(bool is_full, const message_parts& parts) {
  auto out = has_view_ ? std::move(view_.text) : std::string{"{"};
  const auto start = out.size();
  out += "\"c\":{";
  for (const auto& [id, made] : pieces_) {
    if (made.text.empty())
      continue;
    out += '"';
    append_count(out, id);
    out += "\":";
    out += made.text;
    out += ',';
  }
  if (out.back() == ',') {
    out.back() = '}';
    out += ',';
  } else {
    out.resize(start);
  }
  if (parts.title)
    title_ = append_title(out, root_, *parts.title, is_full);
  return finish_message(std::move(out), parts);
}

// ---- components ----

component_sink::placed view_message::place(const component_place& p, bool is_in_stream) {
  auto& e = table_.visit(p);
  if (!visited_.insert(e.id).second)
    throw std::logic_error{"live: the component " + describe(p.key())
                           + " has two places in one view; give each its own id"};
  if (is_in_stream)
    at_.into->shown_in_streams.insert(e.id);
  if (at_.depth >= tree_depth_max)
    throw std::logic_error{"live: the component " + describe(p.key()) + " stands within "
                           + std::to_string(tree_depth_max) + " others; flatten the recursion"};
  const auto around = at_;
  render_one(e, must_reset(e));
  at_ = around;
  return {e.id, is_named(e.id)};
}

/// A component that the client gave up, or that comes from elsewhere, is shown in full, and with it all that is in it.
bool view_message::must_reset(const entry& e) const {
  return at_.is_reset || (!e.memory.is_empty() && e.owner != at_.owner);
}

void view_message::render_one(entry& e, bool is_reset) {
  is_reset = is_reset || e.is_marked;
  auto is_full = is_reset || e.memory.is_empty();
  const auto tree = render_full_or_diff(e, is_full);
  if (!tree.tpl().is_single_root())
    throw std::logic_error{"live: the component " + describe(*e.key) + " renders \"" + tree.tpl().describe()
                           + "\", which is not exactly one element; put one around it"};
  auto& now = pieces_[e.id];
  now = {};
  now.fingerprint = tree.tpl().fingerprint();
  at_ = {.owner = e.id, .into = &now, .is_reset = is_reset, .depth = at_.depth + 1};
  now.text = "{";
  if (is_full) {
    encode_full_piece(e, tree, now);
  } else {
    auto encoder = diff_encoder{now.text, e.memory.tree(), root_.key(), this};
    if (!encoder.component_diff(tree))
      now.text.clear();
    now.tree = encoder.take_words();
  }
  if (!now.text.empty()) {
    if (now.text.back() == ',')
      now.text.back() = '}';
    else
      now.text += '}';
  }
  for (const auto id : components_in(now.tree))
    now.shown.insert(id);
}

/// Renders with what changed, or everything if the client does not have the template.
rendered view_message::render_full_or_diff(entry& e, bool& is_full) {
  e.context.start(is_full);
  auto tree = e.what->render(e.context);
  if (is_full || e.memory.has_root(tree.tpl().fingerprint()))
    return tree;
  is_full = true;
  if (!e.context.was_partial())
    return tree;
  e.context.start(true);
  return e.what->render(e.context);
}

void view_message::encode_full_piece(entry& e, const rendered& tree, piece& out) {
  static const auto nothing = tree_memory::words{};
  if (const auto source = source_of(e, out.fingerprint)) {
    auto encoder = diff_encoder{out.text, words_of(*source), root_.key(), this};
    encoder.component_shared(tree, *source);
    out.tree = encoder.take_words();
  } else {
    auto encoder = diff_encoder{out.text, nothing, root_.key(), this};
    encoder.component_full(tree);
    out.tree = encoder.take_words();
  }
  // One without a place in this message might be rendered once more, as part of its owner.
  if (visited_.contains(e.id))
    new_sources_.try_emplace(out.fingerprint, e.id);
}

/// A component with the same outermost template: its number if it is full in this message, else negative. Never one
/// that the client is about to forget.
std::optional<std::int64_t> view_message::source_of(const entry& e, std::uint64_t fingerprint) {
  if (const auto at = new_sources_.find(fingerprint); at != new_sources_.end())
    return static_cast<std::int64_t>(at->second);
  if (!old_sources_) {
    old_sources_.emplace();
    for (const auto& [id, other] : table_.entries())
      if (!other.memory.is_empty() && !other.is_marked)
        old_sources_->try_emplace(other.memory.tree()[1], id);
  }
  const auto at = old_sources_->find(fingerprint);
  if (at == old_sources_->end() || at->second == e.id)
    return std::nullopt;
  return -static_cast<std::int64_t>(at->second);
}

const tree_memory::words& view_message::words_of(std::int64_t source) const {
  if (source > 0)
    return pieces_.at(static_cast<component_id>(source)).tree;
  return table_.find(static_cast<component_id>(-source))->memory.tree();
}

// ---- who is shown where ----

/// True if the message says something of that component.
bool view_message::is_named(component_id id) const {
  const auto at = pieces_.find(id);
  return at != pieces_.end() && !at->second.text.empty();
}

/// True if the client's patch is of something around the component.
bool view_message::is_within_named(const entry& e) const {
  if (has_view_ && view_.text.size() > 1)
    return true;
  for (const auto* at = &e; at != nullptr && at->owner && *at->owner != 0; at = table_.find(*at->owner))
    if (is_named(*at->owner))
      return true;
  return false;
}

/// True if the client's page has a place for it once it has this message.
bool view_message::is_shown(const entry& e) const {
  const auto* at = &e;
  for (std::size_t steps = 0; steps <= components_max; ++steps) {
    if (visited_.contains(at->id))
      return true;
    if (!at->owner)
      return false;
    const auto owner = *at->owner;
    const auto rendered_owner = pieces_.find(owner);
    const auto* now = owner == 0 ? (has_view_ ? &view_ : nullptr)
                                 : (rendered_owner == pieces_.end() ? nullptr : &rendered_owner->second);
    if (now != nullptr && !at->is_in_stream && !now->shown.contains(at->id))
      return false;
    if (owner == 0)
      return true;
    at = table_.find(owner);
    if (at == nullptr)
      return false;
  }
  throw std::logic_error{"live: the components around " + describe(*e.key) + " contain each other"};
}

std::size_t view_message::depth_of(const entry& e) const {
  auto depth = std::size_t{0};
  for (const auto* at = &e; at != nullptr && at->owner && depth <= components_max; ++depth)
    at = table_.find(*at->owner);
  return depth;
}

/// Notes that the places in a tree are now that owner's, and that those that went are nobody's.
void view_message::move_places(component_id owner, const tree_memory::words& before, const piece& now) {
  for (const auto id : components_in(before))
    if (auto* e = table_.find(id); e != nullptr && e->owner == owner && !e->is_in_stream && !now.shown.contains(id))
      e->owner.reset();
}

void view_message::commit(tree_memory& root) {
  if (title_)
    root.set_title(*title_);
  if (table_.size() > 0) {
    if (has_view_)
      move_places(0, root.tree(), view_);
    for (const auto& [id, made] : pieces_)
      move_places(id, table_.find(id)->memory.tree(), made);
    const auto take_places = [&](component_id owner, const piece& now) {
      for (const auto& [ids, is_in_stream] : {std::pair{&now.shown, false}, std::pair{&now.shown_in_streams, true}})
        for (const auto id : *ids)
          if (auto* e = table_.find(id)) {
            e->owner = owner;
            e->is_in_stream = is_in_stream;
          }
    };
    if (has_view_)
      take_places(0, view_);
    for (const auto& [id, made] : pieces_)
      take_places(id, made);
  }
  if (has_view_)
    root.set_tree(std::move(view_.tree));
  for (auto& [id, made] : pieces_) {
    auto& e = *table_.find(id);
    e.memory.set_tree(std::move(made.tree));
    e.context.sent();
    e.is_marked = false;
    table_.changed().erase(id);
  }
}

}  // namespace beamline::web::live
