#include "pubsub/presence/tracker/entry_tree.hpp"

#include "base/random.hpp"
#include "supervision/partition_table.hpp"

#include <compare>
#include <utility>

// A treap: a search tree by place, a heap by a number that is made of the place. So its shape depends on nothing but
// what is in it, and is as deep as that of a tree built at random.

namespace beamline::presence {

namespace {

std::strong_ordering compare(const board_entry& a, const board_entry& b) {
  if (auto c = a.key <=> b.key; c != 0)
    return c;
  if (a.owner != b.owner)
    if (auto c = *a.owner <=> *b.owner; c != 0)
      return c;
  return a.counter <=> b.counter;
}

}  // namespace

struct entry_tree::node {
  std::shared_ptr<const board_entry> entry;
  std::uint64_t priority = 0;
  std::size_t size = 1;
  node_ptr left{};
  node_ptr right{};
};

std::size_t entry_tree::size() const noexcept { return root_ == nullptr ? 0 : root_->size; }

entry_tree::node_ptr entry_tree::made(const node& like, node_ptr left, node_ptr right) {
  auto n = std::make_shared<node>(node{like.entry, like.priority});
  n->size += (left == nullptr ? 0 : left->size) + (right == nullptr ? 0 : right->size);
  n->left = std::move(left);
  n->right = std::move(right);
  return n;
}

entry_tree::node_ptr entry_tree::merged(const node_ptr& left, const node_ptr& right) {
  if (left == nullptr || right == nullptr)
    return left == nullptr ? right : left;
  if (left->priority >= right->priority)
    return made(*left, left->left, merged(left->right, right));
  return made(*right, merged(left, right->left), right->right);
}

std::pair<entry_tree::node_ptr, entry_tree::node_ptr> entry_tree::split(const node_ptr& n, const board_entry& at) {
  if (n == nullptr)
    return {};
  if (compare(*n->entry, at) < 0) {
    auto [left, right] = split(n->right, at);
    return {made(*n, n->left, std::move(left)), std::move(right)};
  }
  auto [left, right] = split(n->left, at);
  return {std::move(left), made(*n, std::move(right), n->right)};
}

entry_tree::node_ptr entry_tree::removed(const node_ptr& n, const board_entry& at) {
  if (n == nullptr)
    return nullptr;
  auto c = compare(at, *n->entry);
  if (c == 0)
    return merged(n->left, n->right);
  return c < 0 ? made(*n, removed(n->left, at), n->right) : made(*n, n->left, removed(n->right, at));
}

entry_tree::node_ptr entry_tree::inserted(const node_ptr& n, const node& fresh) {
  if (n == nullptr)
    return made(fresh, nullptr, nullptr);
  if (fresh.priority > n->priority) {
    auto [left, right] = split(n, *fresh.entry);
    return made(fresh, std::move(left), std::move(right));
  }
  return compare(*fresh.entry, *n->entry) < 0 ? made(*n, inserted(n->left, fresh), n->right)
                                              : made(*n, n->left, inserted(n->right, fresh));
}

const board_entry* entry_tree::find(const board_entry& place) const {
  const auto* n = root_.get();
  while (n != nullptr) {
    auto c = compare(place, *n->entry);
    if (c == 0)
      return n->entry.get();
    n = c < 0 ? n->left.get() : n->right.get();
  }
  return nullptr;
}

entry_tree entry_tree::with(board_entry e) const {
  auto base = find(e) == nullptr ? root_ : removed(root_, e);
  auto priority = mix64(supervision::stable_hash(e.key) + mix64(supervision::stable_hash(e.owner->name) + e.counter));
  return entry_tree{inserted(base, node{std::make_shared<const board_entry>(std::move(e)), priority})};
}

entry_tree entry_tree::without(const board_entry& place) const {
  return find(place) == nullptr ? *this : entry_tree{removed(root_, place)};
}

void entry_tree::for_each(const std::function<void(const board_entry&)>& visit) const {
  auto walk = [&](auto& again, const node* n) -> void {
    if (n == nullptr)
      return;
    again(again, n->left.get());
    visit(*n->entry);
    again(again, n->right.get());
  };
  walk(walk, root_.get());
}

}  // namespace beamline::presence
