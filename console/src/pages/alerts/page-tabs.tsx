import Tabs from '@cloudscape-design/components/tabs';
import { useNavigate } from 'react-router';
import { texts } from '../../texts/texts.ts';

type Tab = { id: string; label: string; href: string };

function PageTabs({ tabs, active, label }: { tabs: readonly Tab[]; active: string; label: string }) {
  const navigate = useNavigate();
  return (
    <Tabs
      ariaLabel={label}
      tabs={tabs}
      activeTabId={active}
      disableContentPaddings
      onChange={({ detail }) => {
        const to = tabs.find(({ id }) => id === detail.activeTabId)?.href;
        if (to !== undefined) void navigate(to);
      }}
    />
  );
}

/** Pages about who is told. */
export function RuleTabs({ active }: { active: 'rules' | 'preview' | 'gaps' }) {
  return (
    <PageTabs
      label={texts.rules.title}
      active={active}
      tabs={[
        { id: 'rules', label: texts.rules.tab, href: '/alerts/rules' },
        { id: 'preview', label: texts.preview.tab, href: '/alerts/preview' },
        { id: 'gaps', label: texts.gaps.tab, href: '/alerts/gaps' },
      ]}
    />
  );
}

export function RecipientTabs({ active }: { active: 'recipients' | 'groups' }) {
  return (
    <PageTabs
      label={texts.recipients.title}
      active={active}
      tabs={[
        { id: 'recipients', label: texts.recipients.tab, href: '/alerts/recipients' },
        { id: 'groups', label: texts.groups.tab, href: '/alerts/groups' },
      ]}
    />
  );
}
