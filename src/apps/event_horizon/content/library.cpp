#include "apps/event_horizon/content/library.hpp"

#include "apps/event_horizon/content/fold.hpp"

#include <algorithm>
#include <utility>

namespace beamline::event_horizon {

namespace {

/// What a tag is compared by. `c++` and `c#` would both fold to `c`.
std::string tag_key(std::string_view tag) {
  auto key = fold(tag);
  for (char c : tag)
    if (c == '+' || c == '#')
      key += c;
  return key;
}

std::string lower(std::string_view text) {
  auto out = std::string{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

}  // namespace

library::library(std::vector<post_ref> posts, std::map<std::string, scanned_file, std::less<>> files)
    : posts_{std::move(posts)}, files_{std::move(files)} {
  std::sort(posts_.begin(), posts_.end(), [](const post_ref& a, const post_ref& b) {
    return a->published != b->published ? a->published > b->published : a->slug < b->slug;
  });
  auto names = std::map<std::string, std::string, std::less<>>{};
  for (std::size_t i = 0; i < posts_.size(); ++i) {
    by_slug_.emplace(posts_[i]->slug, i);
    for (const auto& tag : posts_[i]->tags) {
      auto key = tag_key(tag);
      names.emplace(key, tag);  // As the newest post writes it.
      if (auto& of = by_tag_[key]; of.empty() || of.back() != i)
        of.push_back(i);
    }
  }
  for (const auto& [key, of] : by_tag_)
    tags_.push_back({names.at(key), of.size()});
  std::stable_sort(tags_.begin(), tags_.end(), [](const auto& a, const auto& b) { return a.posts > b.posts; });
  words_ = search_index{posts_};
}

std::size_t library::index_of(std::string_view slug) const {
  auto found = by_slug_.find(slug);
  if (found == by_slug_.end())
    found = by_slug_.find(lower(slug));
  return found == by_slug_.end() ? posts_.size() : found->second;
}

post_ref library::find(std::string_view slug) const {
  auto i = index_of(slug);
  return i < posts_.size() ? posts_[i] : nullptr;
}

library::neighbours library::around(std::string_view slug) const {
  auto i = index_of(slug);
  if (i == posts_.size())
    return {};
  return {i + 1 < posts_.size() ? posts_[i + 1] : nullptr, i > 0 ? posts_[i - 1] : nullptr};
}

std::vector<post_ref> library::related(std::string_view slug, std::size_t posts_max) const {
  auto self = index_of(slug);
  if (self == posts_.size())
    return {};
  // A tag of every post says nothing; one of two posts, much.
  auto scores = std::map<std::size_t, double>{};
  for (const auto& tag : posts_[self]->tags) {
    const auto& of = by_tag_.at(tag_key(tag));
    for (auto i : of)
      if (i != self)
        scores[i] += 1.0 / static_cast<double>(of.size());
  }
  auto ranked = std::vector<std::pair<std::size_t, double>>{scores.begin(), scores.end()};
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  auto out = std::vector<post_ref>{};
  for (const auto& each : ranked)
    if (out.size() < posts_max)
      out.push_back(posts_[each.first]);
  return out;
}

std::vector<post_ref> library::tagged(std::string_view tag) const {
  auto out = std::vector<post_ref>{};
  if (auto found = by_tag_.find(tag_key(tag)); found != by_tag_.end())
    for (auto i : found->second)
      out.push_back(posts_[i]);
  return out;
}

std::vector<search_hit> library::search(std::string_view query, std::string_view tag) const {
  if (tag.empty())
    return words_.find(query);
  auto found = by_tag_.find(tag_key(tag));
  return found == by_tag_.end() ? std::vector<search_hit>{} : words_.find(query, &found->second);
}

const scanned_file* library::file(std::string_view path) const {
  auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

}  // namespace beamline::event_horizon
