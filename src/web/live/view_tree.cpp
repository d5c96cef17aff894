#include "web/live/view_tree.hpp"

#include "web/live/view_message.hpp"

#include <set>
#include <stdexcept>
#include <utility>

namespace beamline::web::live {

view_tree::view_tree(options opts)
    : scope_{.is_connected = opts.is_connected, .nested = std::move(opts.nested)},
      context_{scope_, 0, opts.flash},
      memory_{opts.key},
      table_{scope_, opts.host} {}

view_tree::~view_tree() = default;

// ---- rendering ----

std::string view_tree::full(const render_function& render, const message_parts& parts) {
  check_join_parts(parts);
  memory_.reset();
  for (auto& [id, entry] : table_.entries())
    entry.memory.reset();
  return encode(render, parts);
}

std::string view_tree::diff(const render_function& render, const message_parts& parts) { return encode(render, parts); }

std::string view_tree::encode(const render_function& render, const message_parts& parts) {
  pending_.reset();
  changed_since_.clear();  // What was not sent has them changed still.
  const auto was_empty = memory_.is_empty();
  if (was_empty || is_view_changed_) {
    const auto tree = render_view(render);
    writing_ = std::make_unique<view_message>(table_, memory_);
    writing_->add_view(tree);
  } else {
    writing_ = std::make_unique<view_message>(table_, memory_);
  }
  are_more_waiting_ = writing_->add_changed();
  auto text = writing_->encode(was_empty, parts);
  pending_ = std::move(writing_);
  return text;
}

/// The view's tree; in full if the client does not have its template.
rendered view_tree::render_view(const render_function& render) {
  context_.start(memory_.is_empty());
  auto tree = render(context_);
  if (memory_.is_empty() || memory_.has_root(tree.tpl().fingerprint()))
    return tree;
  // Another page altogether: the client drops all it has, the components with it.
  memory_.forget_tree();
  table_.clear();
  if (!context_.was_partial())
    return tree;
  context_.start(true);
  return render(context_);
}

void view_tree::sent() {
  if (!pending_)
    throw std::logic_error{"live::view_tree: there is nothing that could have been sent"};
  const auto message = std::exchange(pending_, nullptr);
  message->commit(memory_);
  if (message->has_view()) {
    context_.sent();
    is_view_changed_ = false;
  }
  are_components_changed_ = are_more_waiting_;
  for (const auto id : std::exchange(changed_since_, {}))
    component_changed(id);
  // What was made by a render that was not sent, and is not in this one.
  auto unseen = std::vector<component_id>{};
  for (const auto& [id, entry] : table_.entries())
    if (entry.memory.is_empty())
      unseen.push_back(id);
  for (const auto id : unseen)
    table_.remove(id);
}

std::string view_tree::html(const render_function& render) {
  context_.start(true);
  auto visited = std::set<component_id>{};
  return to_html(render(context_), [&](const component_place& place) {
    auto& entry = table_.visit(place);
    if (!visited.insert(entry.id).second)
      throw std::logic_error{"live: the component " + describe(place.key())
                             + " has two places in one view; give each its own id"};
    entry.context.start(true);
    return entry.what->render(entry.context);
  });
}

// ---- components ----

void view_tree::component_changed(component_id id) {
  if (table_.find(id) == nullptr)
    return;
  table_.changed().insert(id);
  are_components_changed_ = true;
  if (writing_ && writing_->has(id))
    changed_since_.insert(id);
}

component* view_tree::find(component_id id) noexcept {
  const auto* entry = table_.find(id);
  return entry == nullptr ? nullptr : entry->what.get();
}

bool view_tree::update(const component_place& place) {
  const auto* entry = table_.update(place);
  if (entry == nullptr)
    return false;
  component_changed(entry->id);
  return true;
}

void view_tree::leaving(std::span<const component_id> ids) { table_.mark(ids); }

std::vector<component_id> view_tree::left(std::span<const component_id> ids) { return table_.remove_marked(ids); }

std::size_t view_tree::octets() const noexcept {
  auto sum = memory_.octets();
  for (const auto& [id, entry] : table_.entries())
    sum += entry.memory.octets();
  return sum;
}

}  // namespace beamline::web::live
