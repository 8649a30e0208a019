import './file-drop.css';
import type { NetworkReport } from '../../language/protocol.js';
import { TrainSection } from '../train/train-section.js';
import { useModel } from './context.js';
import { Empty } from './empty.js';
import { ExportMenu } from './export-menu.js';
import { useFileDrop } from './file-drop.js';
import { GraphView } from './graph/graph-view.js';
import { Header } from './header.js';
import { LayerList } from './layer-list.js';
import { PerformanceView } from './performance/performance-view.js';
import { PicturePicker } from './picture-picker.js';
import { ProbeTip } from './probe-tip.js';
import { Scores } from './scores.js';
import { ViewTabs } from './view-tabs.js';

/** One way to look at the network at a time. */
function CurrentView({ report }: { readonly report: NetworkReport }) {
  const { view } = useModel();
  switch (view.value) {
    case 'layers':
      return (
        <>
          <LayerList report={report} />
          <Scores report={report} />
        </>
      );
    case 'graph':
      return <GraphView report={report} />;
    case 'performance':
      return <PerformanceView report={report} />;
  }
}

export function App() {
  const { shown } = useModel();
  const dropping = useFileDrop();
  const report = shown.value;
  return (
    <>
      {report ? (
        <>
          <Header report={report} />
          <PicturePicker />
          <TrainSection />
          <nav class="views">
            <ViewTabs />
            <ExportMenu report={report} />
          </nav>
          <CurrentView report={report} />
        </>
      ) : (
        <Empty />
      )}
      <ProbeTip />
      {dropping && <div class="drop-target">Drop a picture to run the network on it</div>}
    </>
  );
}
