import { useModel } from './context.js';
import { Empty } from './empty.js';
import { useFileDrop } from './file-drop.js';
import { Header } from './header.js';
import { LayerList } from './layer-list.js';
import { PicturePicker } from './picture-picker.js';
import { ProbeTip } from './probe-tip.js';
import { Scores } from './scores.js';

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
          <LayerList report={report} />
          <Scores report={report} />
        </>
      ) : (
        <Empty />
      )}
      <ProbeTip />
      {dropping && <div class="drop-target">Drop a picture to run the network on it</div>}
    </>
  );
}
