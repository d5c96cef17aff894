#include "testing/live/page_patch.hpp"

#include "testing/live/client_model.hpp"
#include "testing/live/form_fields.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace beamline::testing {

namespace {

struct stream_insert {
  std::string ref;
  long at = -1;
  std::optional<long> limit;
  bool is_update_only = false;
  bool is_reset = false;
};

bool is_nested_view(const dom_node& n) { return n.has_attribute("data-phx-session"); }

std::string view_of(dom_node& n) {
  const auto* view = n.closest(is_nested_view);
  return view == nullptr ? std::string{} : std::string{view->id()};
}

class patcher {
public:
  patcher(dom_node& container, const page_patch& patch) : container_{container}, patch_{patch} { read_streams(); }

  void run() {
    check_strict(patch_.html, container_.name());
    auto fresh = parse_fragment(patch_.html, container_.name());
    index_old(container_);
    remember_fields();
    remove_stream_items();
    for (auto* child : fresh->child_elements())
      visit(*child);
    auto old = container_.take_children();
    container_.set_children(fresh->take_children());
    restore_fields();
    old.clear();
  }

private:
  void read_streams() {
    if (patch_.streams == nullptr)
      return;
    for (const auto& stream : *patch_.streams) {
      const auto ref = stream.at(0).get<std::string>();
      const auto is_reset = stream.size() > 3 && stream.at(3) == true;
      for (const auto& insert : stream.at(1)) {
        auto& made = inserts_[insert.at(0).get<std::string>()];
        made = {ref, insert.at(1).get<long>(), std::nullopt, insert.at(3) == true, is_reset};
        if (insert.at(2).is_number())
          made.limit = insert.at(2).get<long>();
      }
      for (const auto& id : stream.at(2))
        deletes_.push_back(id.get<std::string>());
      if (is_reset)
        resets_.push_back(ref);
    }
  }

  /// Elements of this view by id; what is inside of other views is theirs.
  void index_old(dom_node& n) {
    for (auto* child : n.child_elements()) {
      if (!child->id().empty())
        old_.emplace(child->id(), child);
      if (!is_nested_view(*child))
        index_old(*child);
    }
  }

  [[nodiscard]] dom_node* old_of(const dom_node& n) const {
    const auto found = n.id().empty() ? old_.end() : old_.find(n.id());
    return found == old_.end() ? nullptr : found->second;
  }

  void remove_stream_items() {
    container_.each_element([&](dom_node& n) {
      if (n.attribute("phx-update") != "stream" || view_of(n) != std::string{container_.id()})
        return;
      for (auto* item : n.child_elements()) {
        const auto ref = item->attribute("data-phx-stream");
        const auto is_gone = patch_.is_join || std::ranges::find(resets_, ref) != resets_.end()
                          || std::ranges::find(deletes_, item->id()) != deletes_.end();
        if (is_gone && !item->id().empty()) {
          gone_.insert(item);
          gone_ids_.emplace(item->id());
        }
      }
    });
  }

  void visit(dom_node& n) {
    auto* old = old_of(n);
    if (is_nested_view(n))
      return keep_view(n, old);
    const auto update = n.attribute("phx-update");
    if (update == "ignore" && n.id().empty())
      throw page_stuck{n.path() + " has phx-update=\"ignore\" but no id; the client cannot find it again"};
    if (update == "ignore" && old != nullptr)
      return keep_ignored(n, *old);
    if (update == "stream")
      return patch_stream(n, old);
    for (auto* child : n.child_elements())
      visit(*child);
  }

  static void keep_view(dom_node& n, dom_node* old) {
    if (old == nullptr)
      return;
    for (const auto name : {"data-phx-session", "data-phx-static"})
      if (const auto* held = old->find_attribute(name); held != nullptr && !held->empty())
        n.set_attribute(name, *held);
    n.set_children(old->take_children());
  }

  static void keep_ignored(dom_node& n, dom_node& old) {
    auto data = std::vector<std::pair<std::string, std::string>>{};
    for (const auto& [name, value] : n.attributes())
      if (name.starts_with("data-"))
        data.emplace_back(name, value);
    auto names = std::vector<std::string>{};
    for (const auto& [name, value] : n.attributes())
      names.push_back(name);
    for (const auto& name : names)
      n.remove_attribute(name);
    for (const auto& [name, value] : old.attributes())
      if (!name.starts_with("data-"))
        n.set_attribute(name, value);
    for (auto& [name, value] : data)
      n.set_attribute(name, std::move(value));
    n.set_children(old.take_children());
  }

  void patch_stream(dom_node& n, dom_node* old) {
    if (n.id().empty())
      throw page_stuck{n.path() + " has phx-update=\"stream\" but no id; the client cannot find it again"};
    auto incoming = n.take_children();
    auto items = std::vector<std::unique_ptr<dom_node>>{};
    if (old != nullptr)
      for (auto& item : old->take_children()) {
        const auto stays = item->is_element() && !item->id().empty() && !gone_.contains(item.get());
        (stays ? items : retired_).push_back(std::move(item));
      }
    n.set_children(std::move(items));
    auto known = items_of(n);
    for (auto& child : incoming) {
      if (child->is_text() && child->text().empty())
        continue;
      if (child->is_element() || child->is_text())
        put_item(n, known, std::move(child));
    }
  }

  /// The items of a list by their ids, so that ten thousand new ones are not each looked for among all.
  using item_index = std::unordered_map<std::string, dom_node*>;
  static item_index items_of(const dom_node& list) {
    item_index out;
    for (const auto& item : list.children())
      out.emplace(item->id(), item.get());
    return out;
  }

  void put_item(dom_node& list, item_index& known, std::unique_ptr<dom_node> item) {
    if (item->id().empty())
      throw page_stuck{"an item without an id in the stream container " + list.path()
                       + "; the client removes it: " + item->outer_html()};
    const auto found = inserts_.find(item->id());
    visit(*item);
    const auto& siblings = list.children();  // Elements only.
    const auto same = known.find(std::string{item->id()});
    if (found == inserts_.end() || same != known.end()) {  // Updated in place, or an item that is no stream's.
      auto at = siblings.size();
      if (same != known.end()) {
        const auto is_same = [&](const auto& s) { return s.get() == same->second; };
        at = static_cast<std::size_t>(std::ranges::find_if(siblings, is_same) - siblings.begin());
        if (const auto* ref = same->second->find_attribute("data-phx-stream"))
          item->set_attribute("data-phx-stream", *ref);
        retired_.push_back(list.take(*same->second));
      }
      auto& put = list.insert(at, std::move(item));
      known[std::string{put.id()}] = &put;
      return;
    }
    const auto& how = found->second;
    if (how.is_update_only && !was_restored(*item))
      return;
    item->set_attribute("data-phx-stream", how.ref);
    auto& put = list.insert(place_of(siblings, how.at), std::move(item));
    known.emplace(put.id(), &put);
    trim(list, known, how.limit);
  }

  [[nodiscard]] bool was_restored(const dom_node& item) const { return gone_ids_.contains(item.id()); }

  static std::size_t place_of(const std::vector<std::unique_ptr<dom_node>>& siblings, long at) {
    if (at >= 0)
      return std::min(static_cast<std::size_t>(at), siblings.size());
    // Behind the last item: what stands after the items and is none of them stays last.
    auto end = siblings.size();
    while (end > 0 && !siblings[end - 1]->has_attribute("data-phx-stream"))
      --end;
    return end == 0 && !siblings.empty() ? 0 : end;
  }

  void trim(dom_node& list, item_index& known, std::optional<long> limit) {
    if (!limit)
      return;
    const auto kept = static_cast<std::size_t>(*limit < 0 ? -*limit : *limit);
    while (list.children().size() > kept) {
      const auto& all = list.children();
      retired_.push_back(list.take(*limit < 0 ? *all.front() : *all.back()));
      known.erase(std::string{retired_.back()->id()});
    }
  }

  // -- fields ------------------------------------------------------------------------------------

  struct typed_field {
    std::string key;
    std::string form_html;
    dom_node::field_state state;
    bool is_focused = false;
  };

  void remember_fields() {
    each_field(container_, [&](dom_node& field, const std::string& key) {
      const auto& state = field.state();
      if (!state.value && !state.is_checked && !state.has_focused)
        return;
      const auto* form = form_of(field);
      const auto is_focused =
          &field == patch_.focused || (field.name() == "option" && is_option_of(field, patch_.focused));
      typed_.push_back({key, form == nullptr ? "" : form->outer_html(), state, is_focused});
    });
  }

  static bool is_option_of(dom_node& option, const dom_node* select) {
    return select != nullptr && option.closest([&](const dom_node& n) { return &n == select; }) != nullptr;
  }

  void restore_fields() {
    each_field(container_, [&](dom_node& field, const std::string& key) {
      const auto typed = std::ranges::find(typed_, key, &typed_field::key);
      if (typed == typed_.end())
        return;
      const auto* form = form_of(field);
      field.state().has_focused = typed->state.has_focused;
      if (typed->is_focused || (form != nullptr && form->outer_html() == typed->form_html))
        field.state() = typed->state;
    });
  }

  dom_node& container_;
  const page_patch& patch_;
  std::map<std::string, stream_insert, std::less<>> inserts_;
  std::vector<std::string> deletes_;
  std::vector<std::string> resets_;
  std::map<std::string_view, dom_node*> old_;
  std::unordered_set<const dom_node*> gone_;
  std::set<std::string, std::less<>> gone_ids_;
  std::vector<std::unique_ptr<dom_node>> retired_;
  std::vector<typed_field> typed_;
};

}  // namespace

void patch_container(dom_node& container, const page_patch& patch) { patcher{container, patch}.run(); }

}  // namespace beamline::testing
